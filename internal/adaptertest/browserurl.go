package adaptertest

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Destination is where a browser goes.
type Destination struct {
	Origin string // "https://oa.example.com", or "null"
	Path   string // without dot segments
}

// Resolve reads an address as browsers do, not as Go does: a backslash is a
// slash, tabs and line breaks are not there, https:evil.example may be another
// host. base is the page's own absolute address. It follows the parts of
// https://url.spec.whatwg.org/#url-parsing that decide about the origin. ok is
// false for what a browser does not open, and for hosts that it cannot tell: those
// written in numbers, and in letters beyond ASCII that are no other form of ASCII.
func Resolve(address, base string) (d Destination, ok bool) {
	here, err := url.Parse(base)
	if err != nil {
		return d, false
	}
	address = strings.TrimFunc(address, func(r rune) bool { return r <= ' ' })
	address = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(address)
	scheme, rest := cutScheme(address)
	slashes := len(rest) - len(strings.TrimLeft(rest, `/\`))
	switch {
	case scheme == "file", scheme != "" && !special[scheme]:
		return Destination{Origin: "null", Path: rest}, true
	case scheme == "", scheme == here.Scheme && !strings.HasPrefix(rest, "//"):
		if slashes < 2 {
			return Destination{here.Scheme + "://" + here.Host, join(here.Path, rest)}, true
		}
		scheme = here.Scheme
	}
	rest = rest[slashes:]
	end := strings.IndexAny(rest+"/", `/\?#`)
	host, ok := readAuthority(rest[:end], scheme)
	return Destination{scheme + "://" + host, join("/", rest[end:])}, ok
}

var special = map[string]bool{"http": true, "https": true, "ws": true, "wss": true, "ftp": true, "file": true}

var ownPort = map[string]uint64{"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}

func cutScheme(s string) (scheme, rest string) {
	for i := range len(s) {
		c := s[i] | 0x20
		switch {
		case s[i] == ':' && i > 0:
			return strings.ToLower(s[:i]), s[i+1:]
		case 'a' <= c && c <= 'z', i > 0 && strings.IndexByte("0123456789+-.", s[i]) >= 0:
		default:
			return "", s
		}
	}
	return "", s
}

// readAuthority returns the host, with its port unless that is the scheme's own.
func readAuthority(s, scheme string) (host string, ok bool) {
	s = s[strings.LastIndexByte(s, '@')+1:] // what stands before is a user's name
	port := ""
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		s, port = s[:i], s[i+1:]
	}
	if host, ok = readHost(s); !ok || port == "" {
		return host, ok
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == ownPort[scheme] {
		return host, err == nil
	}
	return host + ":" + strconv.FormatUint(n, 10), true
}

func readHost(s string) (host string, ok bool) {
	if six, found := strings.CutPrefix(s, "["); found {
		addr, err := netip.ParseAddr(strings.TrimSuffix(six, "]"))
		return "[" + addr.String() + "]", err == nil && addr.Zone() == "" && strings.HasSuffix(s, "]")
	}
	s, err := url.PathUnescape(escapeStray.Replace(s))
	if err != nil {
		return "", false
	}
	host = strings.Map(toASCII, s)
	last := host[strings.LastIndexByte(strings.TrimSuffix(host, "."), '.')+1:]
	number := last != "" && '0' <= last[0] && last[0] <= '9' // or a name that begins with a digit
	return host, host != "" && !number && !strings.ContainsAny(host, forbidden)
}

// escapeStray keeps Go from refusing what a browser takes as it stands.
var escapeStray = strings.NewReplacer(" ", "%20", "\x7f", "%7F")

const (
	beyond    = "\uffff" // a letter that is no form of an ASCII one
	forbidden = beyond + "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\t\r\n #/:<>?@[\\]^|%\x7f"
)

// toASCII is what a browser makes of a host's letter before it looks it up.
func toASCII(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r | 0x20
	case r < 0x80:
		return r
	case r >= 0xff01 && r <= 0xff5e: // full width
		return toASCII(r - 0xfee0)
	case r == 0x3002 || r == 0xff61: // ideographic full stops
		return '.'
	case r == 0xad || r == 0x200b || r == 0x2060 || r == 0xfeff: // not seen, and dropped
		return -1
	}
	return []rune(beyond)[0]
}

// join returns the path that rest means on a page at path.
func join(path, rest string) string {
	if end := strings.IndexAny(rest, "?#"); end >= 0 {
		rest = rest[:end]
	}
	rest = strings.ReplaceAll(rest, `\`, "/")
	switch {
	case rest == "":
		return path
	case rest[0] != '/':
		rest = path[:strings.LastIndexByte(path, '/')+1] + rest
	}
	var out []string
	parts := strings.Split(rest[1:], "/")
	for i, part := range parts {
		switch strings.ReplaceAll(strings.ToLower(part), "%2e", ".") {
		case "..":
			out = out[:max(0, len(out)-1)]
		case ".":
		default:
			out = append(out, part)
			continue
		}
		if i == len(parts)-1 {
			out = append(out, "")
		}
	}
	return "/" + strings.Join(out, "/")
}
