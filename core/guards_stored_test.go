package core

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestTagsOfNamesakes: no tag of the app's own company is carried by a namesake in a
// linked one, wherever the rule stands.
func TestTagsOfNamesakes(t *testing.T) {
	namesake := Identity{CorpID: "ww2", UserID: "wangwu", Departments: []int{2}}
	c := company{corpID: "ww1", own: "ww1", corps: corps{ids: []string{"ww1", "ww2"}}, look: newLookups(&office{}, slog.New(slog.DiscardHandler))}
	for _, rule := range []Rule{Tags(1), Tags(2), Tags(1, 2), AnyOf(Tags(1))} {
		if err := admit(t.Context(), c, rule, namesake); !errors.Is(err, ErrForbidden) {
			t.Errorf("%v: %v", rule, err)
		}
	}
}

func TestSessionsEndInTheDefaultStore(t *testing.T) {
	a := testAuth(t, func(*Config) {})
	r := testLogin(t, a, "a")
	other := testLogin(t, a, "b")
	must(t, a.sessions.memory.Delete(r.Cookies()[0].Value))
	if a.knows(t, r) || !a.knows(t, other) {
		t.Error("another session than the one that was deleted has ended")
	}
}

// TestAMarkThatCannotBeRead may say that a session is dead: nobody passes.
func TestAMarkThatCannotBeRead(t *testing.T) {
	s := newSpy()
	a := testAuth(t, func(c *Config) { c.Store = s })
	a.marks().within = 0 // each request looks
	encode := func(values map[string]any) []byte {
		b, err := Codec{}.Encode(time.Now().Add(time.Hour), values)
		must(t, err)
		return b
	}
	for name, b := range map[string][]byte{
		"nothing": {}, "another system's": []byte("revoked"), "a session without a mark": encode(map[string]any{"a": "b"}),
		"no number": encode(map[string]any{markKey: "x"}), "a number of another length": encode(map[string]any{markKey: "AAAA"}), "a mark of another type": encode(map[string]any{markKey: 1}),
	} {
		must(t, s.Commit(a.marks().everybody.token, b, time.Now().Add(time.Hour)))
		if _, err := a.sessions.load(testLogin(t, a, "a")); !errors.Is(err, ErrStore) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDetailsAreNotPrinted: an application that logs an Identity in OnLogin does not
// log what the person has consented to show to it alone.
func TestDetailsAreNotPrinted(t *testing.T) {
	const mobile = "13800000000"
	id := Identity{CorpID: "ww1", UserID: "a", Details: &Details{Mobile: mobile, Email: mobile, Avatar: mobile}}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "id", id, "details", *id.Details, "pointer", id.Details)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "id", id)
	text, err := json.Marshal(id)
	must(t, err)
	all := log.String() + string(text)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		all += fmt.Sprintf(verb+verb, *id.Details, id.Details)
	}
	if strings.Contains(all, mobile) {
		t.Error(all)
	}
}
