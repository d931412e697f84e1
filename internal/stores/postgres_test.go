package stores

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/pgxstore"

	"github.com/wecomauth/wecomauth/core"
)

// TestPostgreSQL plays with scs's pgxstore, once each, what the other tests play
// over Redis.
func TestPostgreSQL(t *testing.T) {
	p := startPostgres(t)
	t.Run("two instances share sessions, their ends and revocations", func(t *testing.T) { share(t, p) })
	// pgxstore has no contexts, so Config.StoreTimeout does not reach it. What ends
	// a wait is the pool's statement_timeout.
	for _, f := range []struct {
		name  string
		begin func() (end func())
	}{
		{"PostgreSQL is killed, and starts again", p.restart},
		{"somebody has locked the table", p.lock},
	} {
		t.Run(f.name, func(t *testing.T) {
			o := newOutage(t, newSiteOver(t, nil), pgxstore.NewWithCleanupInterval(p.pool(), 0))
			end := sync.OnceFunc(f.begin())
			defer end() // or a request that waits for ever would keep the test from failing
			o.during(http.StatusServiceUnavailable, http.StatusServiceUnavailable)
			end()
			o.after()
		})
	}
}

func share(t *testing.T, p *postgres) {
	s := newSiteOver(t, nil)
	over := func(c *core.Config) { c.Store = pgxstore.NewWithCleanupInterval(p.pool(), 0) }
	here, there := s.start(over), s.start(over)

	v := s.visitor("zhangsan")
	v.do(here, "GET", "/me?week=3").follow(here) // now at WeCom, which sends back
	v.follow(there).follow(here).want(http.StatusOK, "user=zhangsan path=/me?week=3")
	session, other := v.session(), s.logIn(there, "zhangsan").session()
	s.wantIn(true, session, "a login that was begun on one instance and finished on another")
	v.do(here, "POST", "/logout").want(http.StatusSeeOther, "")
	s.wantIn(false, session, "a logout")
	s.wantIn(true, other, "the person's other browser")

	mustRevoke(t, here, "zhangsan")
	revoked := time.Now()
	if here.in(other) {
		t.Error("a session lives on the instance that revoked it")
	}
	endsWithin(t, there, other, revoked)
}

func (p *postgres) restart() (end func()) {
	p.kill()
	return func() {
		if !p.comesUp() {
			p.t.Error("PostgreSQL does not come back")
		}
	}
}

// lock is what a migration does that takes its time.
func (p *postgres) lock() (end func()) {
	ctx := context.Background()
	tx, err := p.pool().Begin(ctx)
	if err == nil {
		_, err = tx.Exec(ctx, "LOCK TABLE sessions")
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return func() { _ = tx.Rollback(ctx) }
}
