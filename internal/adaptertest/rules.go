package adaptertest

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// ruled builds an application with one route for each rule, named after it.
func ruled(t *testing.T, mount Mount, fake *wecomtest.Fake, app wecom.App, rules map[string]core.Rule) *world {
	t.Helper()
	w := &world{t: t, fake: fake, log: &logBuffer{}}
	auth, err := core.New(core.Config{Provider: app, BaseURL: base, Logger: slog.New(slog.NewTextHandler(w.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	var routes []Route
	for name, rule := range rules {
		routes = append(routes, Route{Path: "/" + name, Guard: Require, Rules: []core.Rule{rule}, Handler: w.greet})
	}
	w.auth, w.app = auth, mount(auth, routes)
	fake.Serve(base, w)
	return w
}

func testRules(t *testing.T, mount Mount) {
	rules := map[string]core.Rule{
		"users":       core.Users("ZHANGSAN"),
		"departments": core.Departments(2),
		"tree":        core.DepartmentTree(2),
		"tags":        core.Tags(1),
		"any":         core.AnyOf(core.Users("lisi"), core.Tags(1)),
		"not":         core.Not(core.Departments(3)),
		"func": core.RuleFunc(func(_ context.Context, id core.Identity) error {
			if id.Name != "李四" {
				return errors.New("only 李四")
			}
			return nil
		}),
		"unknown": core.DepartmentTree(77),
		"notag":   core.Tags(404),
	}
	t.Run("each rule lets in whom it should, with a plain 403 and the reason in the log for the others", func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{})
		w := ruled(t, mount, fake, fake.App(), rules)
		for user, may := range map[string]string{
			"zhangsan": "users departments tree not",
			"lisi":     "any func",
			"wangwu":   "departments tree tags any not", // departments 2 and 4
			"zhaoliu":  "tree not",                      // department 5, below 2
		} {
			v := w.visitor(user)
			for name := range rules {
				v.open("/" + name)
				if strings.Contains(" "+may+" ", " "+name+" ") {
					v.want(200, "user="+user)
				} else {
					v.want(403, "forbidden")
				}
			}
		}
		for _, reason := range []string{"not on the route's list", "the route asks for one of [2]", "carries none of the tags", "department 77 is not among", "40068", "only 李四"} {
			if !strings.Contains(w.log.String(), reason) {
				t.Errorf("the log lacks %q", reason)
			}
		}
	})
	t.Run("a person whose profile could not be read at login is refused by what needs it", func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{})
		fake.Fail(wecomtest.Fault{API: "user/get", Code: 48002})
		w := ruled(t, mount, fake, fake.App(), rules)
		v := w.visitor("zhangsan")
		for name, want := range map[string]int{"users": 200, "departments": 403, "tree": 403, "tags": 403, "not": 403} {
			v.open("/" + name).want(want)
		}
	})
	t.Run("when WeCom does not answer, what is known serves for an hour, and then nobody gets in", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := wecomtest.New(wecomtest.Config{})
			w := ruled(t, mount, fake, fake.App(), rules)
			v := w.visitor("zhaoliu").open("/tree").want(200)
			fake.Fail(wecomtest.Fault{API: "department/simplelist", Status: 500})
			time.Sleep(59 * time.Minute)
			v.open("/tree").want(200)
			synctest.Wait()
			time.Sleep(2 * time.Minute)
			v.open("/tree").want(403, "forbidden")
			fake.Heal()
			time.Sleep(2 * time.Minute)
			v.open("/tree").want(200)
		})
	})
	t.Run("a route whose rule can never work is not made", func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{})
		app := fake.App()
		app.LinkedCorps = []string{linkedCorp}
		defer func() {
			if p, ok := recover().(string); !ok || !strings.Contains(p, "core.Corp") {
				t.Errorf("it panics with %v", p)
			}
		}()
		ruled(t, mount, fake, app, map[string]core.Rule{"users": core.Users("zhangsan")})
		t.Error("it is made")
	})
}

const linkedCorp = "ww2222222222222222"

func testStrangers(t *testing.T, mount Mount) {
	people := wecomtest.Config{Employees: []wecomtest.Employee{
		{UserID: "zhangsan", Name: "张三", Departments: []int{2}},
		{Corp: linkedCorp, UserID: "zhangsan", Name: "另一个张三", Departments: []int{2}},
		{OpenID: "oZhangsan"},
	}}
	linked := linkedCorp + "/zhangsan"
	t.Run("people who are no employees are refused unless the app lets them in", func(t *testing.T) {
		fake := wecomtest.New(people)
		w := newWorldAt(t, mount, fake, nil)
		w.visitor(linked).open("/me").want(403, "other_corp")
		w.visitor("oZhangsan").open("/me").want(403, "not_member")
	})
	fake := wecomtest.New(people)
	app := fake.App()
	app.LinkedCorps, app.NonMembers = []string{linkedCorp}, true
	own := app.CorpID
	w := ruled(t, mount, fake, app, map[string]core.Rule{
		"all":    core.AnyOf(core.Employees(), core.Not(core.Employees())),
		"staff":  core.Employees(),
		"us":     core.Corp(own),
		"ours":   core.Corp(own, core.Users("zhangsan")),
		"theirs": core.Corp(linkedCorp, core.Users("zhangsan")),
		"two":    core.Corp(own, core.Departments(2)),
	})
	t.Run("the same UserID in two companies is two people, and an openid is none", func(t *testing.T) {
		for user, may := range map[string]string{
			"zhangsan":  "all staff us ours two",
			linked:      "all staff theirs",
			"oZhangsan": "all us",
		} {
			v := w.visitor(user)
			for _, name := range []string{"all", "staff", "us", "ours", "theirs", "two"} {
				v.open("/" + name)
				if want := strings.Contains(" "+may+" ", " "+name+" "); (v.res.StatusCode == 200) != want {
					t.Errorf("%s on /%s: status %d", user, name, v.res.StatusCode)
				}
			}
		}
	})
	t.Run("so they are for revocation", func(t *testing.T) {
		one, two, guest := w.visitor("zhangsan").open("/all"), w.visitor(linked).open("/all"), w.visitor("oZhangsan").open("/all")
		if w.auth.Revoke(t.Context(), "", "zhangsan") == nil {
			t.Error("a bare UserID is revoked, whoever that is")
		}
		in := func(v *visitor) bool {
			return w.raw("GET", "/all", "Cookie", v.session()).Code == 200 && !turnedAway(w.raw("GET", "/all", "Cookie", v.session()))
		}
		for _, step := range []struct {
			corp, user       string
			one, two, guests bool
		}{
			{linkedCorp, "ZhangSan", true, false, true},
			{own, "oZhangsan", true, false, false},
			{own, "zhangsan", false, false, false},
		} {
			if err := w.auth.Revoke(t.Context(), step.corp, step.user); err != nil {
				t.Fatal(err)
			}
			if in(one) != step.one || in(two) != step.two || in(guest) != step.guests {
				t.Errorf("after %s of %s: %t, %t, %t", step.user, step.corp, in(one), in(two), in(guest))
			}
		}
	})
}
