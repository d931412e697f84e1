package core

import (
	"encoding/base64"
	"encoding/binary"
	"time"
)

// A record is what a session holds of a login: one string value in scs, base64url
// so that any scs codec can carry it. Layout, version 1; times are big endian, other
// numbers are uvarints, strings have their length in front:
//
//	1 | login (Unix milliseconds, 8 bytes) | seen (Unix seconds, 8 bytes) | CorpID | UserID | OpenID | Name | departments + 1 | department …
type record struct {
	id   Identity
	seen int64 // last touch, Unix seconds; used when an idle timeout is set
}

// A login is an encoded record that is known to decode. It is what a request
// carries from the store to the handler: nothing is decoded before it is needed,
// and whoever decodes it owns what comes out.
type login string

func (l login) valid() bool {
	var r record
	return r.decode(string(l), false)
}

// began is Identity.LoginAt in Unix milliseconds.
func (l login) began() int64 { return readInt64(string(l[1:])) }

func (l login) identity() Identity {
	var r record
	r.decode(string(l), true)
	return r.id
}

const (
	recordVersion  = 1
	maxText        = 256 // bytes of one string
	maxDepartments = 1000
)

func (r record) encode() []byte {
	b := make([]byte, 0, 32+len(r.id.CorpID)+len(r.id.UserID)+len(r.id.OpenID)+len(r.id.Name)+3*len(r.id.Departments))
	b = append(b, recordVersion)
	b = appendInt64(b, max(0, r.id.LoginAt.UnixMilli()))
	b = appendInt64(b, max(0, r.seen))
	for _, s := range []string{r.id.CorpID, r.id.UserID, r.id.OpenID, r.id.Name} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	if r.id.Departments == nil {
		return binary.AppendUvarint(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(r.id.Departments)+1))
	for _, d := range r.id.Departments {
		b = binary.AppendUvarint(b, uint64(d)) // #nosec G115 -- checkIdentity refuses negative ids
	}
	return b
}

func (r record) text() string { return base64.RawURLEncoding.EncodeToString(r.encode()) }

// readLogin reads what text wrote; anything else is no login. The record lacks
// the departments.
func readLogin(text string) (login, record, bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return "", record{}, false
	}
	var r record
	ok := r.decode(string(b), false)
	return login(b), r, ok
}

// decode reads what encode wrote, and nothing else: a record that is cut short,
// too long, of another version or without a person is no login. Its texts are
// parts of b: one piece of memory for all of them. Departments, which are another
// piece, are left out unless they are asked for.
func (r *record) decode(b string, departments bool) bool {
	const head = 1 + 8 + 8
	if len(b) < head || b[0] != recordVersion {
		return false
	}
	at, seen := readInt64(b[1:]), readInt64(b[9:])
	if uint64(at) > 1<<50 || uint64(seen) > 1<<40 { // #nosec G115 -- negative ones are too large
		return false
	}
	r.id.LoginAt, r.seen = time.UnixMilli(at), seen
	d := recordReader{b: b[head:]}
	r.id.CorpID, r.id.UserID, r.id.OpenID, r.id.Name = d.text(), d.text(), d.text(), d.text()
	n := int(d.number(maxDepartments+1)) - 1 // #nosec G115 -- bounded
	if n > len(d.b) {
		return false
	}
	if departments && n >= 0 {
		r.id.Departments = make([]int, n)
	}
	for i := range n {
		department := int(d.number(1 << 40)) // #nosec G115 -- bounded
		if departments {
			r.id.Departments[i] = department
		}
	}
	return !d.bad && len(d.b) == 0 && r.id.somebody()
}

type recordReader struct {
	b   string
	bad bool
}

// number reads a uvarint of at most most.
func (d *recordReader) number(most uint64) uint64 {
	if len(d.b) > 0 && d.b[0] < 0x80 && uint64(d.b[0]) <= most { // nearly always
		v := d.b[0]
		d.b = d.b[1:]
		return uint64(v)
	}
	var v uint64
	for i := range len(d.b) {
		c := d.b[i]
		if v |= uint64(c&0x7f) << (7 * i); c < 0x80 && v <= most {
			d.b = d.b[i+1:]
			return v
		}
		if c < 0x80 || i == 8 { // nine bytes hold 63 bits, more than most ever is
			break
		}
	}
	d.bad, d.b = true, ""
	return 0
}

func (d *recordReader) text() string {
	n := d.number(maxText)
	if n > uint64(len(d.b)) {
		d.bad, d.b = true, ""
		return ""
	}
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}
