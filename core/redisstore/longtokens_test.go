package redisstore_test

import (
	"strings"
	"testing"
)

// TestLongTokensAreNotRemembered: a visitor's cookie may have thousands of bytes, and
// there may be many of them.
func TestLongTokensAreNotRemembered(t *testing.T) {
	t.Parallel()
	s := redisServer(t).open(nil)
	for _, token := range []string{strings.Repeat("t", 257), strings.Repeat("x", 60<<10)} {
		wantFind(t, s, token, "")
		commit(t, s, token, "value")
		wantFind(t, s, token, "value")
	}
	if live, unknown := s.Cached(); live+unknown != 0 {
		t.Errorf("%d sessions and %d answers that there is none are in memory", live, unknown)
	}
	wantFind(t, s, strings.Repeat("t", 256), "")
	if _, unknown := s.Cached(); unknown != 1 {
		t.Errorf("%d answers about a shorter token are in memory", unknown)
	}
}
