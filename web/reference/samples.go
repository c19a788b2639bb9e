package reference

import (
	"fmt"
	"strings"
)

// sample is one call in one language, whole: it runs as it is copied, once PAYLINK_KEY is set, or INBOX_TOKEN for a customer's inbox.
type sample struct{ Language, Name, Code string }

func samples(c call, base string, shown map[string]string) []sample {
	url := c.Path
	for name, value := range shown {
		url = strings.ReplaceAll(url, "{"+name+"}", value)
	}
	for _, p := range c.Parameters {
		if p.Name == "limit" {
			url += "?limit=20"
		}
	}
	s := sampling{c, base + url}
	all := []sample{{"curl", "curl", s.curl()}, {"go", "Go", s.golang()}, {"js", "JavaScript", s.javascript()}}
	if strings.HasPrefix(c.Path, "/v1/inbox") { // no API key opens it
		for i := range all {
			all[i].Code = strings.ReplaceAll(all[i].Code, "PAYLINK_KEY", "INBOX_TOKEN")
		}
	}
	return all
}

type sampling struct {
	call
	url string
}

// file is what a picture or a table is saved as; empty for the rest.
func (s sampling) file() string {
	if strings.HasPrefix(s.Kind, "image/") || s.Kind == "text/csv" {
		return s.Path[strings.LastIndexByte(s.Path, '/')+1:]
	}
	return ""
}

func (s sampling) stream() bool { return s.Kind == "text/event-stream" }
func (s sampling) posts() bool  { return s.Method == "POST" }

func (s sampling) curl() string {
	first := "curl"
	switch {
	case s.stream():
		first += " --no-buffer"
	case s.posts() && s.Request == "", s.Method == "DELETE", s.Method == "PATCH":
		first += " --request " + s.Method
	}
	words := []string{first + " " + s.url}
	if len(words[0]) > 64 { // a long address has a line of its own
		words = []string{first, s.url}
	}
	words = append(words, `--header "Authorization: Bearer $PAYLINK_KEY"`)
	if s.posts() {
		words = append(words, `--header "Idempotency-Key: $(date +%s)"`)
	}
	if s.file() != "" {
		words = append(words, "--output "+s.file())
	}
	if s.Request != "" {
		words = append(words, `--header "Content-Type: application/json"`, "--data '"+strings.ReplaceAll(s.Request, "'", `'\''`)+"'")
	}
	return strings.Join(words, " \\\n  ")
}

func (s sampling) golang() string {
	imports, body := `"fmt"
	"io"
	"log"
	"net/http"
	"os"`, "nil"
	if s.Request != "" {
		imports += "\n\t\"strings\""
		body = "strings.NewReader(`" + s.Request + "`)"
	}
	headers := ""
	if s.posts() {
		imports = "\"crypto/rand\"\n\t" + imports
		headers += "\n\treq.Header.Set(\"Idempotency-Key\", rand.Text())"
	}
	if s.Request != "" {
		headers += "\n\treq.Header.Set(\"Content-Type\", \"application/json\")"
	}
	end := `	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Status, string(answer))`
	switch {
	case s.stream():
		imports = "\"bufio\"\n\t" + strings.Replace(imports, "\"io\"\n\t", "", 1)
		end = `	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fmt.Println(lines.Text())
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}`
	case s.file() != "":
		imports = strings.Replace(imports, "\"fmt\"\n\t", "", 1)
		end = fmt.Sprintf(`	file, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(%q, file, 0o600); err != nil {
		log.Fatal(err)
	}`, s.file())
	}
	return fmt.Sprintf(`package main

import (
	%s
)

func main() {
	req, err := http.NewRequest(%q, %q, %s)
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv("PAYLINK_KEY"))%s
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
%s
}`, imports, s.Method, s.url, body, headers, end)
}

func (s sampling) javascript() string {
	headers := "    Authorization: `Bearer ${process.env.PAYLINK_KEY}`,\n"
	if s.posts() {
		headers += "    \"Idempotency-Key\": crypto.randomUUID(),\n"
	}
	rest := ""
	if s.Request != "" {
		headers += "    \"Content-Type\": \"application/json\",\n"
		rest = "  body: JSON.stringify(" + strings.ReplaceAll(s.Request, "\n", "\n  ") + "),\n"
	}
	end, before := "console.log(await answer.json());", ""
	switch {
	case s.stream():
		end = "const text = new TextDecoder();\nfor await (const part of answer.body) console.log(text.decode(part, { stream: true }));"
	case s.file() != "":
		before = "import { writeFile } from \"node:fs/promises\";\n\n"
		end = fmt.Sprintf("await writeFile(%q, new Uint8Array(await answer.arrayBuffer()));", s.file())
	case s.Kind == "":
		end = "console.log(answer.status);"
	}
	return fmt.Sprintf(`%sconst answer = await fetch(%q, {
  method: %q,
  headers: {
%s  },
%s});
if (!answer.ok) throw new Error((await answer.json()).detail);
%s`, before, s.url, s.Method, headers, rest, end)
}
