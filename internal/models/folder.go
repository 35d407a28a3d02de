package models

import (
	"fmt"
	"os"
	"path/filepath"
)

// folder takes files from another folder of the same layout: one that was
// filled with PullOptions.To.
type folder struct{ root string }

func (s folder) String() string { return "folder " + s.root }

func (s folder) fetch(j *job) error {
	dir := filepath.Join(s.root, j.entry.Name)
	st := readStamp(dir)
	files := j.entry.Files
	if len(files) == 0 {
		for _, f := range st.Files {
			files = append(files, File{Name: f.Name, Size: f.Size, SHA256: f.SHA256})
		}
	}
	if len(files) == 0 {
		return fmt.Errorf("there is no %s in it; fill it with \"vraagbaak models pull --to DIR %s\" on a machine with internet",
			filepath.Join(j.entry.Name, stampName), j.entry.Name)
	}
	var total, done int64
	for _, f := range files {
		total += f.Size
	}
	j.files = nil
	for _, f := range files {
		if sf, ok := st.file(f.Name); f.SHA256 == "" && ok {
			f.SHA256 = sf.SHA256
		}
		in, err := os.Open(filepath.Join(dir, f.Name))
		if err != nil {
			return err
		}
		n, err := writeStream(j.path(f.Name), &countingReader{ctx: j.ctx, r: in, tell: func(n int64) { j.progress.Bytes(done+n, total) }}, maxFile)
		in.Close()
		if err != nil {
			return err
		}
		done += n
		j.files = append(j.files, f)
	}
	return nil
}
