package core

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"
)

// A record is what a session holds of a login: one string value in scs, base64url
// so that any scs codec can carry it. Layout, version 1; numbers are uvarints,
// strings have their length in front:
//
//	1 | login (Unix milliseconds) | seen (Unix seconds) | CorpID | UserID | OpenID | Name | departments + 1 | department …
type record struct {
	id   Identity
	seen int64 // last touch, Unix seconds; used when an idle timeout is set
}

// identity returns the person for somebody who may change it.
func (r *record) identity() Identity {
	id := r.id
	id.Departments = slices.Clone(id.Departments)
	return id
}

const (
	recordVersion  = 1
	maxText        = 256 // bytes of one string
	maxDepartments = 1000
)

func (r record) encode() []byte {
	b := make([]byte, 0, 48+len(r.id.CorpID)+len(r.id.UserID)+len(r.id.OpenID)+len(r.id.Name)+3*len(r.id.Departments))
	b = append(b, recordVersion)
	b = appendTime(b, r.id.LoginAt.UnixMilli())
	b = appendTime(b, r.seen)
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

// readRecord reads what text wrote; anything else is no login.
func readRecord(text string) (record, bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return record{}, false
	}
	return decodeRecord(string(b))
}

func appendTime(b []byte, t int64) []byte {
	return binary.AppendUvarint(b, uint64(max(0, t))) // #nosec G115 -- not negative
}

// decodeRecord reads what encode wrote, and nothing else: a record that is cut
// short, too long, of another version or without a person is no login.
func decodeRecord(b string) (record, bool) {
	d := recordReader{b: b} // its texts are parts of b: one piece of memory for all of them
	if d.number(1<<8) != recordVersion {
		return record{}, false
	}
	var r record
	r.id.LoginAt = time.UnixMilli(int64(d.number(1 << 50))) // #nosec G115 -- bounded
	r.seen = int64(d.number(1 << 40))                       // #nosec G115 -- bounded
	r.id.CorpID, r.id.UserID, r.id.OpenID, r.id.Name = d.text(), d.text(), d.text(), d.text()
	if n := int(d.number(maxDepartments + 1)); n > 0 && n-1 <= len(d.b) { // #nosec G115 -- bounded
		r.id.Departments = make([]int, n-1)
		for i := range r.id.Departments {
			r.id.Departments[i] = int(d.number(1 << 40)) // #nosec G115 -- bounded
		}
	} else if n > 0 {
		return record{}, false
	}
	return r, !d.bad && len(d.b) == 0 && r.id.somebody()
}

type recordReader struct {
	b   string
	bad bool
}

// number reads a uvarint of at most most.
func (d *recordReader) number(most uint64) uint64 {
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
