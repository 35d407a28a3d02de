package guard

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"code.dny.dev/ssrf"
)

func TestGuardRefusesInternalAddresses(t *testing.T) {
	guard := ssrf.New()
	for _, tt := range []struct {
		network, address string
		ok               bool
	}{
		{"tcp4", "127.0.0.1:80", false},
		{"tcp4", "127.8.9.10:443", false},
		{"tcp4", "0.0.0.0:80", false},
		{"tcp4", "10.1.2.3:80", false},
		{"tcp4", "100.64.1.1:80", false},
		{"tcp4", "169.254.169.254:80", false},
		{"tcp4", "172.16.0.1:80", false},
		{"tcp4", "172.31.255.255:80", false},
		{"tcp4", "192.0.2.1:80", false},
		{"tcp4", "192.168.1.1:443", false},
		{"tcp4", "198.18.0.1:80", false},
		{"tcp4", "224.0.0.1:80", false},
		{"tcp4", "255.255.255.255:80", false},
		{"tcp6", "[::1]:80", false},
		{"tcp6", "[::]:80", false},
		{"tcp6", "[::ffff:127.0.0.1]:80", false},
		{"tcp6", "[::ffff:10.0.0.1]:80", false},
		{"tcp6", "[fe80::1%eth0]:80", false},
		{"tcp6", "[fc00::1]:80", false},
		{"tcp6", "[64:ff9b::7f00:1]:80", false},
		{"tcp6", "[2002:7f00:1::]:80", false},
		{"tcp6", "[2001:db8::1]:80", false},
		{"tcp4", "93.184.216.34:22", false},
		{"tcp4", "93.184.216.34:8080", false},
		{"udp4", "93.184.216.34:443", false},
		{"tcp4", "localhost:80", false}, // never resolved here: an IP or nothing
		{"tcp4", "onzin", false},
		{"tcp4", "93.184.216.34:80", true},
		{"tcp4", "172.32.0.1:443", true},
		{"tcp6", "[2a02:1234::1]:443", true},
		{"tcp6", "[::ffff:93.184.216.34]:80", true},
	} {
		err := checkAddress(guard, tt.network, tt.address, nil)
		if (err == nil) != tt.ok {
			t.Errorf("%s %s: %v", tt.network, tt.address, err)
		}
		if err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("%s %s: error %v is not ErrRefused", tt.network, tt.address, err)
		}
	}
}

// The exception for internal servers is for a host and port as in the URL,
// not for the address behind it.
func TestGuardExceptions(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer srv.Close()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		private, host string
		ok            bool
	}{
		{"", "127.0.0.1:" + port, false},
		{"", "localhost:" + port, false},
		{"", "[::ffff:127.0.0.1]:" + port, false},
		{"127.0.0.1:" + port, "127.0.0.1:" + port, true},
		{"127.0.0.1:" + port, "localhost:" + port, false},
		{"localhost:" + port, "127.0.0.1:" + port, false},
		{"LOCALHOST:" + port, "localhost:" + port, true},
		{"127.0.0.1:1", "127.0.0.1:" + port, false},
	} {
		var private []string
		if tt.private != "" {
			private = []string{tt.private}
		}
		tr, err := Transport(private)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := tr.DialContext(t.Context(), "tcp", tt.host)
		if (err == nil) != tt.ok {
			t.Errorf("exception %q, dial %s: %v", tt.private, tt.host, err)
		}
		if err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("exception %q, dial %s: error %v is not ErrRefused", tt.private, tt.host, err)
		}
		if conn != nil {
			conn.Close()
		}
		if tr.Proxy != nil {
			t.Error("a proxy would hide addresses from the guard")
		}
	}
	for _, bad := range []string{"127.0.0.1", "intranet", ":80", "http://intranet:80", "intranet:"} {
		if _, err := Transport([]string{bad}); err == nil {
			t.Errorf("allow_private %q was accepted", bad)
		}
	}
}
