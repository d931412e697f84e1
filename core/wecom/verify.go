package wecom

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// verifyForm is the name of a domain-ownership file; its token is the body.
var verifyForm = regexp.MustCompile(`^WW_verify_([A-Za-z0-9]{1,64})\.txt$`)

// VerifyFile serves the file by which WeCom checks that a domain is yours
// (可信域名 > 申请校验域名), such as WW_verify_agFRemnEVeHcITzc.txt, made from its
// name. Mount it at the root of the domain and outside Require: WeCom does not
// log in.
//
//	file, err := wecom.VerifyFile("WW_verify_agFRemnEVeHcITzc.txt")
//
//	r.GET("/WW_verify_agFRemnEVeHcITzc.txt", gin.WrapH(file))       // Gin
//	e.GET("/WW_verify_agFRemnEVeHcITzc.txt", echo.WrapHandler(file)) // Echo
//	mux.Handle("GET /WW_verify_agFRemnEVeHcITzc.txt", file)          // net/http
//
// Any other name gets 404, even on a wildcard route: a server that confirms
// every token lets strangers claim its domain.
// https://developer.work.weixin.qq.com/document/path/90315
func VerifyFile(name string) (http.Handler, error) {
	m := verifyForm.FindStringSubmatch(name)
	if m == nil {
		return nil, fmt.Errorf("wecom: VerifyFile wants the bare name of the file that the WeCom console offers, "+
			"such as WW_verify_agFRemnEVeHcITzc.txt, not %.100q", name)
	}
	return verifyFile{name: name, token: m[1]}, nil
}

type verifyFile struct{ name, token string }

// ServeHTTP writes the token and nothing else: no BOM and no line break.
func (f verifyFile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	switch {
	case !strings.HasSuffix(r.URL.Path, "/"+f.name):
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	default:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, f.token) // a reader that has left
	}
}
