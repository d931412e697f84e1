package main

import (
	"time"

	ginjwt "github.com/appleboy/gin-jwt/v2"
	"github.com/gin-gonic/gin"
	"github.com/golang-jwt/jwt/v5"
	echojwt "github.com/labstack/echo-jwt/v4"
	echo4 "github.com/labstack/echo/v4"
)

const (
	echoJWT = "echo-jwt HS256"
	ginJWT  = "gin-jwt HS256"
)

// Signed tokens in a cookie, with the middlewares' default claims. They hold the
// UserID, the name and the end; nothing can sign such a person out.
func jwtPeers() []contender { return []contender{echoJWTPeer(cookieKey), ginJWTPeer(cookieKey)} }

func echoJWTPeer(key []byte) contender {
	token := must(jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "zhangsan", "name": "张三", "exp": time.Now().Add(12 * time.Hour).Unix(),
	}).SignedString(key))
	h := echo4With(func(c echo4.Context) string {
		t, _ := c.Get("user").(*jwt.Token)
		sub, _ := t.Claims.GetSubject() // "" if there is none
		return sub
	}, echojwt.WithConfig(echojwt.Config{SigningKey: key, TokenLookup: "cookie:token"}))
	return contender{name: echoJWT, router: onEcho4, handler: h, cookie: "token=" + token}
}

func ginJWTPeer(key []byte) contender {
	mw := must(ginjwt.New(&ginjwt.GinJWTMiddleware{
		Realm: "bench", Key: key, Timeout: 12 * time.Hour, IdentityKey: "id", TokenLookup: "cookie:token",
		PayloadFunc: func(data any) ginjwt.MapClaims {
			p, _ := data.(person)
			return ginjwt.MapClaims{"id": p.UserID, "name": p.Name}
		},
	}))
	token, _, err := mw.TokenGenerator(zhangsan("zhangsan"))
	h := ginWith(func(c *gin.Context) string {
		id, _ := ginjwt.ExtractClaims(c)["id"].(string)
		return id
	}, mw.MiddlewareFunc())
	return contender{name: ginJWT, router: onGin, handler: h, cookie: "token=" + must(token, err)}
}
