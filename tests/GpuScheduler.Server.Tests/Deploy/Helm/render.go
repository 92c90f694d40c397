// Renders a chart the way Helm does: Go templates with the functions of sprig and Helm's own few. Reads from standard input
// {"chart": folder, "values": {...}, "kubeVersion": "v1.36.2", "namespace": "...", "chartMetadata": {...}}, writes the templates' YAML.
// Helm itself is not needed; the same template engine and the same function library are.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
)

type request struct {
	Chart         string
	Values        map[string]interface{}
	KubeVersion   string
	Namespace     string
	ChartMetadata map[string]interface{}
}

type files struct{ root string }

func (f files) Get(name string) string {
	text, err := os.ReadFile(filepath.Join(f.root, name))
	if err != nil {
		panic(err)
	}
	return string(text)
}

func main() {
	var r request
	if err := json.NewDecoder(os.Stdin).Decode(&r); err != nil {
		fail(err)
	}

	// Helm reads numbers of values as float64 too, and prints whole ones without a point.
	root := template.New("chart").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	functions["include"] = func(name string, data interface{}) (string, error) {
		var out bytes.Buffer
		err := root.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	// JSON on one line is YAML too.
	functions["toYaml"] = func(value interface{}) (string, error) {
		text, err := json.Marshal(value)
		if err != nil || len(text) < 2 || text[0] != '{' && text[0] != '[' {
			return string(text), err
		}
		return block(value)
	}
	functions["toJson"] = func(value interface{}) (string, error) {
		text, err := json.Marshal(value)
		return string(text), err
	}
	root.Funcs(functions)

	var names []string
	templates := filepath.Join(r.Chart, "templates")
	err := filepath.WalkDir(templates, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		names = append(names, path)
		_, err = root.New(path).Parse(string(text))
		return err
	})
	if err != nil {
		fail(err)
	}

	sort.Strings(names)
	data := map[string]interface{}{
		"Values":       r.Values,
		"Chart":        r.ChartMetadata,
		"Release":      map[string]interface{}{"Name": "gpu-scheduler", "Namespace": r.Namespace, "Service": "Helm"},
		"Files":        files{r.Chart},
		"Capabilities": map[string]interface{}{"KubeVersion": map[string]interface{}{"Version": r.KubeVersion}},
	}
	for _, name := range names {
		var out bytes.Buffer
		if err := root.ExecuteTemplate(&out, name, data); err != nil {
			fail(err)
		}
		if strings.HasSuffix(name, ".yaml") && strings.TrimSpace(out.String()) != "" {
			fmt.Printf("---\n%s\n", out.String())
		}
		if strings.HasSuffix(name, "NOTES.txt") {
			fmt.Fprint(os.Stderr, out.String())
		}
	}
}

// block writes one line per element, as templates may put more elements of the same map or list after it.
func block(value interface{}) (string, error) {
	var lines []string
	switch value := value.(type) {
	case map[string]interface{}:
		keys := make([]string, 0, len(value))
		for key := range value {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		for _, key := range keys {
			text, err := json.Marshal(value[key])
			if err != nil {
				return "", err
			}
			lines = append(lines, fmt.Sprintf("%q: %s", key, text))
		}
	case []interface{}:
		for _, element := range value {
			text, err := json.Marshal(element)
			if err != nil {
				return "", err
			}
			lines = append(lines, "- "+string(text))
		}
	}
	if len(lines) == 0 {
		return "{}", nil
	}
	return strings.Join(lines, "\n"), nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
