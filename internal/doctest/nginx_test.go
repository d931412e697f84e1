package doctest

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var nginxBlock = regexp.MustCompile("(?s)```nginx\n(.*?)```")

// TestNginxBlocks has nginx read what the documents print for it.
func TestNginxBlocks(t *testing.T) {
	if _, err := exec.LookPath("nginx"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintln(os.Stderr, "SKIP nginx is not installed: apt-get install nginx")
		t.Skip(err)
	}
	dir := t.TempDir()
	certificate(t, dir)
	var temp string // for running as anybody
	for _, use := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += fmt.Sprintf("%s_temp_path %s;\n", use, filepath.Join(dir, use))
	}
	place := strings.NewReplacer("listen 443 ssl", "listen unix:"+filepath.Join(dir, "socket")+" ssl", "/etc/nginx/", dir+"/")
	for name, text := range documents(t) {
		for _, m := range nginxBlock.FindAllStringSubmatch(text, -1) {
			config := filepath.Join(dir, "nginx.conf")
			write(t, config, "pid "+dir+"/pid; error_log stderr; events {} http { access_log off;\n"+temp+place.Replace(m[1])+"\n}\n")
			if out, err := exec.Command("nginx", "-t", "-p", dir, "-c", config).CombinedOutput(); err != nil { // #nosec G204 -- files made above
				t.Errorf("%s: %v\n%s", name, err, out)
			}
		}
	}
}

// certificate writes httptest's.
func certificate(t *testing.T, dir string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "oa.crt"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})))
	write(t, filepath.Join(dir, "oa.key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
}
