package main

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/ginmw"
)

// roster remembers who has signed in since the program started and has not been
// revoked. The library keeps no such list: it ends sessions without finding them.
type roster struct {
	mu     sync.Mutex
	people map[string]core.Identity // by UserID in lower case
}

func newRoster() *roster { return &roster{people: make(map[string]core.Identity)} }

func (r *roster) observe(_ context.Context, e core.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := e.(type) {
	case core.LoginSucceeded:
		r.people[strings.ToLower(e.Identity.UserID)] = e.Identity
	case core.Revoked:
		delete(r.people, strings.ToLower(e.UserID))
	}
}

// seenBy returns the people who share a department with admin, and nobody else.
func (r *roster) seenBy(admin core.Identity) []core.Identity {
	r.mu.Lock()
	defer r.mu.Unlock()
	var seen []core.Identity
	for _, p := range r.people {
		if slices.ContainsFunc(p.Departments, func(d int) bool { return slices.Contains(admin.Departments, d) }) {
			seen = append(seen, p)
		}
	}
	slices.SortFunc(seen, func(a, b core.Identity) int { return cmp.Compare(a.UserID, b.UserID) })
	return seen
}

// revoke ends all sessions of a person whom the admin may see.
func revoke(c *gin.Context, auth *core.Authenticator, signedIn *roster) {
	admin, _ := ginmw.Identity(c)
	userID := c.PostForm("user_id")
	if !slices.ContainsFunc(signedIn.seenBy(admin), func(p core.Identity) bool { return p.UserID == userID }) {
		c.String(http.StatusForbidden, "查无此人 There is nobody of that name in your departments.")
		return
	}
	if err := auth.Revoke(c.Request.Context(), admin.CorpID, userID); err != nil {
		_ = c.Error(err)
		c.String(http.StatusServiceUnavailable, "请重试 The session store does not answer; try again.")
		return
	}
	c.Redirect(http.StatusSeeOther, "/admin")
}
