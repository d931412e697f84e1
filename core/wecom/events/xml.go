package events

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
)

const (
	maxDepth = 16  // of elements; WeCom's deepest events have six
	maxMarks = 64  // in an envelope; WeCom's have about twelve
	maxTag   = 128 // bytes of a tag in an envelope
)

var errXML = errors.New("the message is not the XML that WeCom sends")

// readEnvelope returns the Encrypt of an envelope. Nobody has signed that.
func readEnvelope(text []byte) (sealed string, err error) {
	if !modest(text) {
		return "", errXML
	}
	f, err := readXML(text, []string{"Encrypt"})
	if err != nil {
		return "", err
	}
	if sealed = f.one("Encrypt", &err); err != nil || sealed == "" {
		return "", errors.New("the body has not exactly one Encrypt")
	}
	return sealed, nil
}

// modest reports whether the decoder has little to do with a text: few tags, each
// of them short and without attributes, and few entities. WeCom's are; and the
// decoder keeps all attributes of a tag before it hands over the first.
func modest(text []byte) bool {
	if bytes.Count(text, []byte("<"))+bytes.Count(text, []byte("&")) > maxMarks {
		return false
	}
	for {
		_, after, found := bytes.Cut(text, []byte("<"))
		if !found {
			return true
		}
		text = after
		if bytes.HasPrefix(text, []byte("![CDATA[")) {
			continue
		}
		tag, _, ends := bytes.Cut(text[:min(len(text), maxTag)], []byte(">"))
		if !ends || !bytes.HasPrefix(tag, []byte("?")) && bytes.ContainsAny(tag, `="'`) {
			return false
		}
	}
}

// fields are the texts of the elements right below the root that somebody asks
// for, by name.
type fields map[string][]string

// readXML reads the elements with these names in WeCom's flat XML: a root xml, and
// no declarations of entities, comments or instructions, which it never has.
func readXML(text []byte, names []string) (fields, error) {
	p := parser{fields: make(fields), names: names}
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && p.root {
			return p.fields, nil
		}
		if err != nil || !p.take(t) {
			return nil, errXML // the decoder's own text may quote the message
		}
	}
}

type parser struct {
	fields fields
	names  []string
	root   bool // was there
	depth  int
	wanted bool // what is right below the root
	text   []byte
}

// take reports whether a token may be where it is.
func (p *parser) take(t xml.Token) bool {
	switch t := t.(type) {
	case xml.StartElement:
		p.depth++
		p.text = p.text[:0]
		if p.depth == 1 {
			first := !p.root
			p.root = true
			return first && t.Name == xml.Name{Local: "xml"}
		}
		if p.depth == 2 {
			p.wanted = t.Name.Space == "" && slices.Contains(p.names, t.Name.Local)
		}
		return p.depth <= maxDepth
	case xml.EndElement:
		if p.depth == 2 && p.wanted {
			p.fields[t.Name.Local] = append(p.fields[t.Name.Local], string(p.text))
		}
		p.depth--
		return true
	case xml.CharData:
		if p.depth == 2 && p.wanted {
			p.text = append(p.text, t...)
		}
		return p.depth > 0 || len(bytes.TrimSpace(t)) == 0
	case xml.ProcInst:
		return t.Target == "xml" && !p.root
	}
	return false
}

// one returns the text of an element, or "" if it is not there. Of two nobody
// can say which one counts.
func (f fields) one(name string, err *error) string {
	switch texts := f[name]; len(texts) {
	case 0:
		return ""
	case 1:
		return texts[0]
	}
	*err = errXML
	return ""
}
