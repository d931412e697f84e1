package adaptertest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// slow is a network that takes a while each way, a different one for each tab.
type slow struct {
	http.RoundTripper
	each time.Duration
}

func (s slow) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(s.each)
	res, err := s.RoundTripper.RoundTrip(req)
	time.Sleep(s.each)
	return res, err
}

// slowTabs opens n tabs of one browser at the same moment.
func slowTabs(t *testing.T, mount Mount, n int) {
	w := newWorld(t, mount, nil)
	w.fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Delay: time.Second})
	w.fake.Fail(wecomtest.Fault{API: "authorize", Delay: 150 * time.Millisecond})
	one := w.visitor("zhangsan")
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			tab := &http.Client{Jar: one.Jar, Transport: slow{one.Transport, time.Duration(40+i) * time.Millisecond}}
			target := fmt.Sprintf("%s/any/tab%d", base, i)
			for range 40 {
				res, err := tab.Get(target)
				if err != nil {
					t.Error(err)
					return
				}
				b, _ := io.ReadAll(res.Body)
				body := string(b)
				if m := refresh.FindStringSubmatch(body); m != nil {
					target = strings.ReplaceAll(m[1], "&amp;", "&")
				} else if m := later.FindStringSubmatch(body); m != nil {
					target = strings.ReplaceAll(m[1], "&amp;", "&")
					time.Sleep(2 * time.Second)
				} else {
					if want := fmt.Sprintf("path=/any/tab%d ", i); res.StatusCode != 200 || !strings.Contains(body, want) {
						t.Errorf("tab %d ended with status %d: %.200s", i, res.StatusCode, body)
					}
					return
				}
			}
			t.Errorf("tab %d never ended", i)
		})
	}
	wg.Wait()
}
