package events_test

import (
	"fmt"
	"strings"
	"testing"
)

// Nobody has signed the envelope: what anybody sends is cheap to refuse.
func TestAnEnvelopeThatNobodySignedCostsLittle(t *testing.T) {
	fill := func(form string) string {
		var b strings.Builder
		for i := 0; b.Len() < 250<<10; i++ {
			_, _ = fmt.Fprintf(&b, strings.ReplaceAll(form, "@", "%[1]d"), i)
		}
		return b.String()
	}
	w := newWire()
	rc := receiver(t, new(inbox))
	query := w.sign("x").Encode()
	for name, body := range map[string]string{
		"elements":                         "<xml>" + fill("<a@/>") + "</xml>",
		"Encrypts":                         "<xml>" + fill("<Encrypt>@</Encrypt>") + "</xml>",
		"attributes":                       "<xml " + fill("a@='' ") + "></xml>",
		"attributes behind an end in one":  "<xml a='>' " + fill("a@='' ") + "></xml>",
		"attributes behind a long name":    "<xml><" + strings.Repeat("a", 130) + " " + fill("a@='' ") + "/></xml>",
		"attributes of an element":         "<xml><a " + fill(`a@="" `) + "/></xml>",
		"namespaces":                       "<xml " + fill("xmlns:a@='b' ") + "></xml>",
		"entities":                         "<xml><Encrypt>" + fill("&lt;") + "</Encrypt></xml>",
		"characters by number":             "<xml><Encrypt>" + fill("&#@;") + "</Encrypt></xml>",
		"pieces of a text":                 "<xml><Encrypt>" + fill("<![CDATA[@]]>") + "</Encrypt></xml>",
		"a name":                           "<xml><" + fill("a") + "/></xml>",
		"a declaration":                    "<?xml " + fill("a@='' ") + "?><xml></xml>",
		"a document type":                  "<!DOCTYPE xml [" + fill("<!ENTITY a@ ''>") + "]><xml></xml>",
		"comments":                         "<xml>" + fill("<!--@-->") + "</xml>",
		"depth":                            "<xml>" + fill("<a>"),
		"ends":                             "<xml>" + fill("</a>"),
		"an empty tag":                     "<xml>" + fill("<>"),
		"a text that nobody has asked for": "<xml><a>" + fill("b") + "</a></xml>",
	} {
		t.Run(name, func(t *testing.T) {
			status := 0
			allocs := testing.AllocsPerRun(3, func() { status = serve(rc, post(query, body)).Code })
			if status != 400 || allocs > 150 {
				t.Errorf("answer %d after %.0f allocations", status, allocs)
			}
		})
	}
}

// What WeCom sends is far from these bounds, and what a proxy or another library
// writes of it.
func TestEnvelopesOfOtherForms(t *testing.T) {
	for name, form := range map[string]string{
		"WeCom's": "<xml><ToUserName><![CDATA[" + corpID + "]]></ToUserName><Encrypt><![CDATA[%s]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>",
		"on lines of its own, with a declaration": "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<xml>\n  <ToUserName>" + corpID +
			"</ToUserName>\n  <Encrypt>%s</Encrypt>\n</xml>\n",
		"with more elements":     "<xml>" + strings.Repeat("<More></More>", 25) + "<Encrypt>%s</Encrypt></xml>",
		"in pieces":              "<xml><Encrypt><![CDATA[]]>%s<![CDATA[]]></Encrypt></xml>",
		"with blanks in the tag": "<xml ><Encrypt >%s</Encrypt ></xml >",
	} {
		t.Run(name, func(t *testing.T) {
			in := new(inbox)
			if a := serve(receiver(t, in), body(form)(newWire())); a.Code != 200 || len(in.got) != 1 {
				t.Errorf("answer %d, %d events; %s", a.Code, len(in.got), &in.log)
			}
		})
	}
}
