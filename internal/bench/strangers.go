package main

import (
	"net/http"
	"strings"
	"time"

	ginsessions "github.com/gin-contrib/sessions"
	ginstore "github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"
	"github.com/markbates/goth"
	"github.com/markbates/goth/gothic"
	"github.com/markbates/goth/providers/faux"
)

// stranger is a contender for somebody without a login, with Cookie headers that
// open nothing.
type stranger struct {
	contender
	malformed string
	unknown   string // well formed: a random token, or signed by another key
}

const (
	scsAnswer     = "the same answer by scs gob"
	gorillaAnswer = "the same answer by gorilla/sessions cookie"
	ginAnswer     = "the same answer by gin-contrib/sessions cookie"
	gothAnswer    = "gothic.BeginAuthHandler"
)

var otherKey = []byte("thirty-two bytes of another HMAC")

// ourStrangers begin a login.
func ourStrangers(s *service) (all []stranger) {
	for _, c := range s.everywhere("ours") {
		name, _, _ := strings.Cut(c.cookie, "=")
		c.status = http.StatusFound
		all = append(all, stranger{c, name + "=not-a-token", name + "=" + randomToken()})
	}
	return all
}

// floorStrangers are told 401: the floor has no login.
func floorStrangers() (all []stranger) {
	for _, c := range floor()[:len(routers)] {
		c.status = http.StatusUnauthorized
		all = append(all, stranger{c, floorCookie + "=not-a-token", floorCookie + "=" + randomToken()})
	}
	return all
}

// peersStrangers begin a login with the state where the peer keeps it. Those who
// have no login to begin refuse.
func peersStrangers() []stranger {
	jwt := func(c, other contender) stranger {
		c.status = http.StatusUnauthorized
		return stranger{c, "token=not-a-token", other.cookie}
	}
	return []stranger{
		{scsLogin(scsAnswer), "session=not-a-token", "session=" + randomToken()},
		{gorillaLogin(cookieKey), "session=not-a-token", gorillaWith("", zhangsan("zhangsan"), otherKey).cookie},
		{ginContribLogin(cookieKey), "session=not-a-token", ginContribWith("", zhangsan("zhangsan"), otherKey).cookie},
		gothLogin(),
		jwt(echoJWTPeer(cookieKey), echoJWTPeer(otherKey)),
		jwt(ginJWTPeer(cookieKey), ginJWTPeer(otherKey)),
	}
}

// beginLogin gives the answer that ours gives to an anonymous page load, headers
// included; the state is kept by the caller.
func beginLogin(w http.ResponseWriter, r *http.Request, p pending) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Location", authorizeURL(base+r.URL.Path, p.State))
	w.WriteHeader(http.StatusFound)
}

func newPending(r *http.Request) pending { return pending{randomToken(), r.RequestURI, time.Now()} }

func gorillaLogin(key []byte) contender {
	store := sessions.NewCookieStore(key)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+page, func(w http.ResponseWriter, r *http.Request) {
		s, _ := store.Get(r, "session") // an error means a new session
		if user := userIDOf(s.Values["user"]); user != "" {
			answer(w, user)
			return
		}
		p := newPending(r)
		s.Values["login"] = p
		must(0, s.Save(r, w))
		beginLogin(w, r, p)
	})
	return contender{name: gorillaAnswer, router: netHTTP, handler: mux, status: http.StatusFound}
}

func ginContribLogin(key []byte) contender {
	gin.SetMode(gin.ReleaseMode)
	h := gin.New()
	h.GET(page, ginsessions.Sessions("session", ginstore.NewStore(key)), func(c *gin.Context) {
		s := ginsessions.Default(c)
		if user := userIDOf(s.Get("user")); user != "" {
			answer(c.Writer, user)
			return
		}
		p := newPending(c.Request)
		s.Set("login", p)
		must(0, s.Save())
		beginLogin(c.Writer, c.Request, p)
	})
	return contender{name: ginAnswer, router: onGin, handler: h, status: http.StatusFound}
}

// gothLogin is gothic's own way to begin a login, with a provider that makes an
// address and nothing else.
func gothLogin() stranger {
	c := gothPeer()
	goth.UseProviders(&faux.Provider{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+page, func(w http.ResponseWriter, r *http.Request) {
		if _, err := gothic.GetFromSession("user", r); err == nil {
			panic("bench: a stranger has a session")
		}
		gothic.BeginAuthHandler(w, gothic.GetContextWithProvider(r, "faux"))
	})
	c.name, c.handler, c.status = gothAnswer, mux, http.StatusTemporaryRedirect
	name, _, _ := strings.Cut(c.cookie, "=")
	return stranger{c, name + "=not-a-token", name + "=" + gorillaValue(name)}
}

// gorillaValue is a session of this name that another key has signed.
func gorillaValue(name string) string {
	w, r := &sink{header: make(http.Header)}, must(http.NewRequest(http.MethodGet, page, nil))
	s, _ := sessions.NewCookieStore(otherKey).New(r, name)
	s.Values["user"] = "zhangsan"
	must(0, s.Save(r, w))
	_, value, _ := strings.Cut(cookieHeader(w.header), "=")
	return value
}
