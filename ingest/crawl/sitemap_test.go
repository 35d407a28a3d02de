package crawl

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

const namespace = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`

func TestParseSitemap(t *testing.T) {
	for _, tt := range []struct {
		name, file, pages, files, wantErr string
	}{
		{"pages", `<?xml version="1.0"?><urlset ` + namespace + `><url><loc> https://w.example/a?x=1&amp;y=2 </loc><lastmod>2026-10-01</lastmod></url><url><loc>https://w.example/b</loc></url><url/></urlset>`,
			"https://w.example/a?x=1&y=2 https://w.example/b", "", ""},
		{"index", `<sitemapindex ` + namespace + `><sitemap><loc>https://w.example/s1.xml.gz</loc></sitemap></sitemapindex>`, "", "https://w.example/s1.xml.gz", ""},
		{"no namespace, byte order mark", "\ufeff<urlset><url><loc>https://w.example/a</loc></url></urlset>", "https://w.example/a", "", ""},
		{"pictures are no pages", `<urlset xmlns:image="i"><url><loc>https://w.example/a</loc><image:image><image:loc>https://w.example/a.jpg</image:loc></image:image></url></urlset>`, "https://w.example/a", "", ""},
		{"cut off: what was read counts", `<urlset><url><loc>https://w.example/a</loc></url><url><loc>https://w.ex`, "https://w.example/a", "", "sitemap, byte"},
		{"text", "https://w.example/a\r\nonzin\nhttps://w.example/b\n", "https://w.example/a https://w.example/b", "", ""},
		{"entities are not expanded", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>https://w.example/&e;</loc></url></urlset>`, "https://w.example/&e;", "", ""},
		{"a web page", "<html><body>Niet gevonden</body></html>", "", "", "starts with <html>"},
		{"empty", "", "", "", "empty"},
		{"latin-1", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><urlset><url><loc>https://w.example/caf\xe9</loc></url></urlset>", "https://w.example/café", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var packed bytes.Buffer
			w := gzip.NewWriter(&packed)
			w.Write([]byte(tt.file))
			w.Close()
			for form, r := range map[string]io.Reader{"plain": strings.NewReader(tt.file), "gzip": &packed} {
				sm, err := parseSitemap(r, maxSitemapBytes)
				var pages []string
				for _, p := range sm.pages {
					pages = append(pages, p.loc)
				}
				if got := strings.Join(pages, " "); got != tt.pages {
					t.Errorf("%s: pages %q, want %q", form, got, tt.pages)
				}
				if got := strings.Join(sm.files, " "); got != tt.files {
					t.Errorf("%s: files %q, want %q", form, got, tt.files)
				}
				if (err == nil) != (tt.wantErr == "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("%s: error %v, want %q", form, err, tt.wantErr)
				}
			}
		})
	}
}

func TestSitemapBombIsCut(t *testing.T) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "<urlset><url><loc>https://w.example/a</loc></url><!--")
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range 100 {
		w.Write(block)
	}
	w.Close()
	sm, err := parseSitemap(&packed, 2<<20)
	if err == nil || !strings.Contains(err.Error(), "larger than 2 MB") {
		t.Errorf("error %v", err)
	}
	if len(sm.pages) != 1 {
		t.Errorf("%d pages, want the one before the limit", len(sm.pages))
	}
}

func TestSitemapsOfASite(t *testing.T) {
	s := newSite(t, `
-- /robots.txt --
User-agent: *
Disallow: /intern
Sitemap: {site}/index.xml
Sitemap: {other}/elders.xml
-- /index.xml --
<sitemapindex><sitemap><loc>{site}/een.xml.gz</loc></sitemap><sitemap><loc>{site}/diep.xml</loc></sitemap>
<sitemap><loc>{site}/kapot.xml</loc></sitemap><sitemap><loc>{other}/sitemap.xml</loc></sitemap></sitemapindex>
-- /een.xml.gz --
!gzip
<urlset><url><loc>{site}/oud</loc><lastmod>2020-01-01</lastmod></url><url><loc>{site}/nieuw?utm_medium=s</loc><lastmod>2026-10-01T10:00:00+02:00</lastmod></url>
<url><loc>{site}/nieuw</loc></url><url><loc>{other}/buiten</loc></url><url><loc>{site}/intern</loc></url><url><loc>{site}/foto.png</loc></url></urlset>
-- /diep.xml --
<sitemapindex><sitemap><loc>{site}/dieper.xml</loc></sitemap></sitemapindex>
-- /dieper.xml --
<sitemapindex><sitemap><loc>{site}/diepst.xml</loc></sitemap></sitemapindex>
-- /diepst.xml --
!never
-- /sitemap.xml --
!never
-- /kapot.xml --
!status 500
-- other/elders.xml --
!never
-- other/sitemap.xml --
!never
-- other/buiten --
!never
-- / --
<main>Welkom. <a href=/laatste>l</a></main>
-- /oud --
<main>Oud</main>
-- /nieuw --
<main>Nieuw</main>
-- /laatste --
<main>Laatste</main>
-- /intern --
!never
-- /foto.png --
!never
`)
	src := s.source(nil)
	plan, err := src.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if plan.Pages != 3 || plan.Disallowed != 1 || len(plan.Hosts) != 1 || !plan.Start[0].Verdict.Allowed {
		t.Errorf("plan %+v", plan)
	}
	reports := map[string]SitemapReport{}
	for _, r := range plan.Sitemaps {
		reports[short(r.URL)] = r
	}
	if r := reports["/een.xml.gz"]; r.Listed != 6 || r.Allowed != 4 || r.Error != "" {
		t.Errorf("report of the packed sitemap: %+v", r)
	}
	if r := reports["/kapot.xml"]; !strings.Contains(r.Error, "500") {
		t.Errorf("report of the broken sitemap: %+v", r)
	}
	if r := reports["/dieper.xml"]; !strings.Contains(r.Error, "nested") {
		t.Errorf("report of the sitemap that is too deep: %+v", r)
	}
	for _, p := range s.requests("site") {
		if !strings.HasSuffix(p, ".xml") && !strings.HasSuffix(p, ".gz") && p != "/robots.txt" {
			t.Errorf("the plan requested the page %s", p)
		}
	}

	s.forget()
	one := newLedger().apply(t, src, 0)
	one.want(t, "/ /laatste /nieuw /oud", "", "", "", "")
	asked := strings.Join(s.requests("site"), " ")
	if !strings.HasSuffix(asked, "/nieuw /oud /laatste") {
		t.Errorf("order %s: want the newest of the sitemap first, links last", asked)
	}
}

func FuzzSitemap(f *testing.F) {
	f.Add([]byte("<urlset><url><loc>https://w.example/a</loc><lastmod>2026</lastmod></url></urlset>"))
	f.Add([]byte("<sitemapindex><sitemap><loc>https://w.example/a</loc></sitemap>"))
	f.Add([]byte("\x1f\x8b\x08"))
	f.Add([]byte("https://w.example/a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		sm, _ := parseSitemap(bytes.NewReader(data), 1<<20)
		for _, p := range sm.pages {
			if p.loc == "" || strings.TrimSpace(p.loc) != p.loc {
				t.Errorf("address %q", p.loc)
			}
		}
		if len(sm.pages) > maxSitemapURLs || len(sm.files) > maxSitemapURLs {
			t.Errorf("%d pages, %d files", len(sm.pages), len(sm.files))
		}
	})
}
