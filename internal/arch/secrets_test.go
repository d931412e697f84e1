package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// secretName matches what holds a secret, or what proves one: the last word of a
// variable, field, function or type, in core and its provider.
var secretName = regexp.MustCompile(`(?i)(mac|hmac|secret|token|ticket|nonce|signature|sig|digest|sum|seal|sealed|code|state|key|cookie|password)s?$`)

// comparing are functions that end at the first byte that differs.
var comparing = []string{
	"bytes.Equal", "bytes.Compare", "bytes.HasPrefix", "bytes.HasSuffix", "bytes.EqualFold", "bytes.Contains", "bytes.Index",
	"strings.EqualFold", "strings.HasPrefix", "strings.HasSuffix", "strings.Compare", "slices.Equal", "slices.Compare", "slices.Contains", "slices.Index", "reflect.DeepEqual", "cmp.Compare",
}

// comparedFreely are comparisons of such names that no attacker can learn from,
// by file and text, each with a reason of its own: lines move.
var comparedFreely = map[string]string{
	"core/cookie.go: token != value":                                "both come from the same request",
	"core/attempt.go: a.nonce == s.nonce":                           "both are authentic: one was sealed, the other has a MAC; a guess reaches neither",
	"core/attempt.go: a.nonce != s.nonce":                           "both are authentic: one was sealed, the other has a MAC; a guess reaches neither",
	"core/exchangecalls.go: c.code != code":                         "two SHA-256 sums; an attacker cannot choose how far theirs agrees",
	"core/agent.go: bytes.Contains(ua, []byte(token))":              "a word of a User-Agent header",
	"core/codeclayout.go: string(k) == key":                         "the names of values in a session, not their values",
	"core/codeclayout.go: bytes.Compare(last, key)":                 "the names of values in a session, not their values",
	"core/codec.go: strings.Compare(a.key, b.key)":                  "the names of values in a session, not their values",
	"core/wecom/errorcode.go: cmp.Compare(a.Code, b.Code)":          "the numbers of WeCom's errors",
	"core/idle.go: s.sm.Token(ctx) != f.token":                      "what the store found under a token is compared with that token",
	"core/sessioncontext.go: key == w.key":                          "the key of a value in a context, which is no secret",
	"core/wecom/token.go: token == rejected":                        "both are WeCom's own access tokens; no visitor's value",
	"core/wecom/token.go: rejected != s.token":                      "both are WeCom's own access tokens; no visitor's value",
	"core/wecom/token.go: token == s.refused":                       "both are WeCom's own access tokens; no visitor's value",
	"core/wecom/token.go: token == refused":                         "both are WeCom's own access tokens; no visitor's value",
	"core/wecom/client.go: token == rejected":                       "both are WeCom's own access tokens; no visitor's value",
	"core/wecom/client.go: slices.Contains(renewableCodes, e.Code)": "the numbers of WeCom's errors",
	"core/wecom/gettoken.go: coded.Code == code":                    "the numbers of WeCom's errors",
}

// TestSecretsAreComparedInConstantTime: == and its like tell by their time how
// much of a guess was right. Values of names that look like a secret's are
// compared with crypto/subtle, opened by an AEAD, or listed above. Comparisons
// with nil, with constants and of lengths, and map lookups, are not meant.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	var found []string
	for _, dir := range []string{"core", "core/wecom", "core/wecom/events", "core/redisstore"} {
		files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		parsed, consts := map[string]*ast.File{}, map[string]bool{}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			parsed[dir+"/"+filepath.Base(path)] = file
			addConstants(consts, file)
		}
		for path, file := range parsed {
			for _, text := range comparisons(file, consts) {
				found = append(found, path+": "+text)
			}
		}
	}
	for _, text := range found {
		if comparedFreely[text] == "" {
			t.Errorf("%s\n\tuse crypto/subtle, or say in comparedFreely why this tells an attacker nothing", text)
		}
	}
	for text, why := range comparedFreely {
		if !slices.Contains(found, text) {
			t.Errorf("comparedFreely lists what is not there any more: %s", text)
		}
		if len(why) < 20 || strings.Contains(why, "the same") && !strings.Contains(why, "the same request") {
			t.Errorf("comparedFreely: %q is no reason for %s", why, text)
		}
	}
}

// TestSecretComparisonsAreFound: the check above sees what it is to see.
func TestSecretComparisonsAreFound(t *testing.T) {
	for body, want := range map[string]int{
		`bytes.Equal(mac, b)`: 1, `strings.HasPrefix(b, s.secret)`: 1, `subtle.ConstantTimeCompare(mac, b)`: 0,
		`string(mac) == b`: 1, `b[:8] != sessionToken`: 1, `hex.EncodeToString(sum[:]) == b`: 1, `k.tokenOf(r) == b`: 0, `appendMAC(k, b) == b`: 1,
		`token == ""`: 0, `code == 40029`: 0, `len(token) == 43`: 0, `err == nil`: 0, `token != nil`: 0, `state == open`: 0,
		`slices.Contains(keys, k)`: 1, `a == b`: 0, `(token) == b`: 1, `*token == b`: 1, `[]byte(key) == b`: 1,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nfunc f() { _ = "+body+" }", parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := comparisons(file, map[string]bool{"open": true}); len(got) != want {
			t.Errorf("%s: found %q, want %d", body, got, want)
		}
	}
}

// comparisons returns the text of each comparison of what may be a secret.
func comparisons(file *ast.File, consts map[string]bool) (found []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		var sides []ast.Expr
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				sides = []ast.Expr{n.X, n.Y}
			}
		case *ast.CallExpr:
			if slices.Contains(comparing, types.ExprString(n.Fun)) {
				sides = n.Args
			}
		}
		constant := func(e ast.Expr) bool { return isConstant(e, consts) }
		if slices.ContainsFunc(sides, mayBeSecret) && !slices.ContainsFunc(sides, constant) {
			found = append(found, types.ExprString(n.(ast.Expr)))
		}
		return true
	})
	return found
}

// mayBeSecret goes by the name of what an expression is made of.
func mayBeSecret(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return secretName.MatchString(e.Name)
	case *ast.SelectorExpr:
		return mayBeSecret(e.Sel)
	case *ast.ParenExpr:
		return mayBeSecret(e.X)
	case *ast.StarExpr:
		return mayBeSecret(e.X)
	case *ast.SliceExpr:
		return mayBeSecret(e.X)
	case *ast.IndexExpr:
		return mayBeSecret(e.X)
	case *ast.CallExpr: // of a function with such a name, or a conversion or an encoding
		name := types.ExprString(e.Fun)
		if name == "string" || name == "[]byte" || strings.Contains(name, "Encode") {
			return slices.ContainsFunc(e.Args, mayBeSecret)
		}
		return mayBeSecret(e.Fun)
	}
	return false
}

func isConstant(e ast.Expr, consts map[string]bool) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.UnaryExpr:
		return isConstant(e.X, consts)
	case *ast.Ident:
		return consts[e.Name] || e.Name == "nil" || e.Name == "true" || e.Name == "false"
	}
	return false
}

// addConstants adds the names of a file's constants.
func addConstants(consts map[string]bool, file *ast.File) {
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				consts[name.Name] = true
			}
		}
	}
}
