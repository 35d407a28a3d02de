// Package guard keeps what fetches from sources away from internal networks. It
// owns which addresses a connection may be made to; what may be requested from
// them, and how often, is for its callers.
package guard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// Transport is the transport of every request to a source. The guard
// stands where a connection is made, on the address the name resolved to, so
// that neither a redirect nor a name that resolves differently the second time
// reaches an internal network. Its deny list is the one of the IANA registries
// of special-purpose addresses; the ports are 80 and 443.
//
// private lists the host:port of internal servers that may be crawled all the
// same, as they stand in the URL: the exception holds for connections made for
// that host and port only.
func Transport(private []string) (*http.Transport, error) {
	open := map[string]bool{}
	for i, hp := range private {
		key, err := hostPort(hp)
		if err != nil {
			return nil, fmt.Errorf("allow_private[%d] %q: %w", i, hp, err)
		}
		open[key] = true
	}
	guard := ssrf.New()
	guarded := &net.Dialer{Timeout: 10 * time.Second, Control: func(network, address string, conn syscall.RawConn) error {
		return checkAddress(guard, network, address, conn)
	}}
	plain := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Transport{
		// A proxy would be the address the guard sees, whatever it fetches.
		Proxy: nil,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if key, err := hostPort(addr); err == nil && open[key] {
				return plain.DialContext(ctx, network, addr)
			}
			return guarded.DialContext(ctx, network, addr)
		},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  30 * time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    1,
		MaxConnsPerHost:        2,
		MaxResponseHeaderBytes: 64 << 10,
		ForceAttemptHTTP2:      true,
	}, nil
}

// checkAddress refuses internal addresses, IPv4 ones inside IPv6 too.
func checkAddress(guard *ssrf.Guardian, network, address string, conn syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s is not an IP address with a port", ErrRefused, address)
	}
	ap = netip.AddrPortFrom(ap.Addr().WithZone("").Unmap(), ap.Port())
	if err := guard.Safe(network, ap.String(), conn); err != nil {
		return fmt.Errorf("%w: %w; if this server may be crawled, add its host:port to network.allow_private", ErrRefused, err)
	}
	return nil
}

// ErrRefused says that the guard let no connection be made. Trying again is no use.
var ErrRefused = errors.New("internal address refused")

// hostPort is host:port in the form it has as a key: lower case, IP addresses
// in their shortest form.
func hostPort(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" || port == "" {
		return "", fmt.Errorf("write it as host:port, such as intranet.waterrijk.example:443")
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.String()
	}
	return net.JoinHostPort(host, port), nil
}
