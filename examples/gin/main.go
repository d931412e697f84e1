// Command gin protects Gin routes with a WeCom login.
//
//	go run ./examples/gin
//
// It needs no WeCom account: without WECOM_CORP_ID, WECOM_AGENT_ID, WECOM_SECRET
// and BASE_URL in the environment it uses a fake WeCom. With them it may serve
// other machines too, as in a container: -addr :8080. A private edition also needs
// WECOM_API_URL, WECOM_OPEN_URL and WECOM_LOGIN_URL.
package main

import (
	"log"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/examples/internal/demo"
	"github.com/wecomauth/wecomauth/ginmw"
)

func main() {
	config, addr := demo.Setup()
	signedIn := newRoster()
	config.Observer = signedIn.observe
	auth, err := core.New(config)
	if err != nil {
		log.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery())

	r.GET("/", ginmw.Optional(auth), page("首页 Home"))
	r.GET("/me", ginmw.Require(auth), page("我 Me"))

	admin := r.Group("/admin", ginmw.Require(auth, core.Departments(2)))
	admin.GET("", func(c *gin.Context) {
		id, _ := ginmw.Identity(c)
		demo.Admin(c.Writer, "研发部 Admin", id, signedIn.seenBy(id))
	})
	admin.POST("/revoke", func(c *gin.Context) { revoke(c, auth, signedIn) })

	r.GET("/api/me", ginmw.Require(auth), func(c *gin.Context) {
		id, _ := ginmw.Identity(c)
		c.JSON(http.StatusOK, gin.H{"user_id": id.UserID, "name": id.Name})
	})

	r.GET("/login", ginmw.Login(auth))
	r.Match([]string{"GET", "POST"}, "/logout", ginmw.Logout(auth))

	log.Fatal(r.Run(addr))
}

func page(title string) gin.HandlerFunc {
	return func(c *gin.Context) {
		id, in := ginmw.Identity(c)
		demo.Page(c.Writer, title, id, in)
	}
}
