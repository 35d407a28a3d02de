package crawl

import (
	"testing"
	"time"
)

// http and https of one host are one server, which is asked at one pace; another
// port is another server.
func TestSchemesShareAPace(t *testing.T) {
	s := newSite(t, waterrijk)
	f := newFetcher(s.source(nil))
	f.host(pathURL(t, "/")).rest(s.clock.now().Add(time.Minute))
	for address, want := range map[string]bool{
		"https://www.waterrijk.example/a":      false,
		"http://www.waterrijk.example/a":       false,
		"https://www.waterrijk.example:8443/a": true,
		"https://waterrijk.example/a":          true,
	} {
		if got := f.ready(address); got != want {
			t.Errorf("%s ready: %v", address, got)
		}
	}
}
