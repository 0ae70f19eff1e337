//go:build ignore

// generate writes graph/generated and graph/model. It is gqlgen with other templates for
// the executor: they write values into one buffer, in one goroutine (internal/api/execution).
// They are gqlgen's own with a few edits, each of which must find its place exactly once, so
// that a new version of gqlgen either fits or stops the generator.
package main

import (
	"fmt"
	"go/types"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing/fstest"
	"text/template"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
)

func main() {
	cfg, err := config.LoadConfig("gqlgen.yml")
	if err != nil {
		log.Fatal(err)
	}
	cfg.SkipValidation = true // what is written first is replaced below
	var keep data
	if err := api.Generate(cfg, api.AddPlugin(&keep)); err != nil {
		log.Fatal(err)
	}
	edited, err := editedTemplates()
	if err != nil {
		log.Fatal(err)
	}
	err = templates.Render(templates.Options{PackageName: cfg.Exec.Package, Filename: cfg.Exec.Filename, Data: keep.Data,
		RegionTags: true, GeneratedHeader: true, Packages: cfg.Packages, TemplateFS: edited, PruneOptions: cfg.GetPruneOptions(),
		Funcs: template.FuncMap{"how": how, "value": value, "write": write}})
	if err != nil {
		log.Fatal(err)
	}
}

// data keeps what the templates are rendered with.
type data struct{ *codegen.Data }

// Name implements plugin.Plugin.
func (*data) Name() string { return "data" }

// GenerateCode implements plugin.CodeGenerator.
func (d *data) GenerateCode(data *codegen.Data) error {
	d.Data = data
	return nil
}

// how returns how the executor resolves a field: "leaf" and "object" read it from the
// object without a resolver, "resolve" calls one without arguments. Everything else is
// left to gqlgen.
func how(f *codegen.Field) string {
	ref := f.TypeReference
	special := f.Object.Root || f.Object.Stream || f.Stream || f.IsBatch() || f.IsMap() || f.HasDirectives() ||
		f.HasHaser || f.VOkFunc || ref.IsRoot || len(f.Args) > 0 || types.IsInterface(ref.GO)
	plain := f.IsVariable() || f.IsMethod() && f.NoErr && !f.MethodHasContext
	switch {
	case special:
		return "gqlgen"
	case f.IsResolver || !plain:
		return "resolve"
	case f.TypeReference.Definition.Fields != nil:
		return "object"
	case ref.GQL.NonNull && ref.IsNilable() && !ref.IsSlice():
		return "resolve" // its error needs the path of the field
	}
	return "leaf"
}

// value returns the expression of a field that is read from the object.
func value(f *codegen.Field) string {
	expression := f.GoReceiverName + "." + f.GoFieldName
	if f.IsMethod() {
		expression += "()"
	}
	return expression
}

// writers are the methods of execution.Answer that write values of a Go type as a scalar.
var writers = map[string]string{
	"String string": "Text(%s)", "Cursor string": "Text(%s)", "ID string": "Text(%s)",
	"String *string": "TextAt(%s)", "Cursor *string": "TextAt(%s)", "ID *string": "TextAt(%s)",
	"String github.com/tonggao/tonggao/internal/foundation/optional.String": "TextOrNull(string(%s))",
	"Int int":      "Int(int64(%s))",
	"Int int64":    "Int(%s)",
	"Boolean bool": "Bool(%s)",
	"Time github.com/tonggao/tonggao/internal/foundation/instant.Instant":  "Time(%s)",
	"Time *github.com/tonggao/tonggao/internal/foundation/instant.Instant": "TimeAt(%s)",
}

// write returns the statement that writes a leaf; "" where only a marshaler can.
func write(f *codegen.Field) string {
	method, ok := writers[f.TypeReference.Definition.Name+" "+f.TypeReference.GO.String()]
	if !ok || f.TypeReference.GQL.Elem != nil || strings.Contains(method, "Null") && f.TypeReference.GQL.NonNull {
		return ""
	}
	return "ec.out." + fmt.Sprintf(method, value(f))
}

// An edit replaces what stands from one text through another in a template.
type edit struct{ file, from, through, by string }

var edits = []edit{
	{"generated!.gotpl", `{{ reserveImport "context"  }}`, ``, `{{ reserveImport "context"  }}
{{ reserveImport "github.com/tonggao/tonggao/internal/api/execution" }}`},

	{"internal!.gotpl", `ec := newExecutionContext(opCtx, e, make(chan graphql.DeferredResult))
	inputUnmarshalers`, ``, `ec := newExecutionContext(opCtx, e, nil)
	ec.out = execution.New(ctx)
	inputUnmarshalers`},
	{"internal!.gotpl", `var buf bytes.Buffer
			data.MarshalGQL(&buf)
			response.Data`, `response.HasNext = &hasNext
			}`, `response.Data = ec.out.Finish(data)`},
	{"internal!.gotpl", `var buf bytes.Buffer
			data.MarshalGQL(&buf)

			return`, `Data:       buf.Bytes(),`, `return &graphql.Response{
				Data: ec.out.Finish(data),`},
	{"internal!.gotpl", `var buf bytes.Buffer
		return`, `buf.Reset()`, `return func(ctx context.Context) *graphql.Response {`},
	{"internal!.gotpl", `data.MarshalGQL(&buf)

			return`, `Data:       buf.Bytes(),`, `return &graphql.Response{
				Data: ec.out.Finish(data),`},
	{"internal!.gotpl", `type executionContext struct {`, ``, `type executionContext struct {
	out *execution.Answer`},

	{"internal!.gotpl", `// childFields_* functions`, `{{ template "globalMiddleware" . }}`, `{{ template "globalMiddleware" . }}`},

	{"type.gotpl", `{{- if not $type.IsScalar }}
					ret :=`, `return ret`, `{{- if not $type.IsScalar }}
					return ec.out.Rows(ctx, len(v), {{ $type.Elem.GQL.NonNull }}, func(ctx context.Context, i int) graphql.Marshaler {
						return {{$.ECDot}}{{ $type.Elem.MarshalFunc }}(ctx, {{$.ECArg}}sel, v[i])
					})
				{{- else }}
					ret := make(graphql.Array, len(v))
					for i := range v {
						ret[i] = {{$.ECDot}}{{ $type.Elem.MarshalFunc }}(ctx, {{$.ECArg}}sel, v[i])
					}
					{{- if $type.Elem.GQL.NonNull }}
					for _, e := range ret {
						if e == graphql.Null {
							return graphql.Null
						}
					}
					{{- end }}
					return ret
				{{- end }}`},

	{"object.gotpl", `fields := graphql.CollectFields(ec.OperationContext, sel, {{$object.Name|lcFirst}}Implementors)
	{{- if $object.Root }}`, ``, `fields := ec.out.Fields(ec.OperationContext, sel, {{$object.Name|lcFirst}}Implementors)
	{{- if $object.Root }}`},
	{"object.gotpl", `out := graphql.NewFieldSet(fields)`, `for i, field := range fields {`, `out := ec.out.Object()
	for _, field := range fields {
		out.Key(field.Alias)`},
	{"object.gotpl", `out.Values[i] = graphql.MarshalString({{$object.Name|quote}})`, ``, `ec.out.Text({{$object.Name|quote}})`},
	{"object.gotpl", `{{- if $field.IsConcurrent }}`, `return out
}`, `{{- if $object.Root }}
				out.Value(execution.Root(innerCtx, ec.OperationContext, func(ctx context.Context) graphql.Marshaler {
					return {{$.ECDot}}_{{$object.Name}}_{{$field.Name}}(ctx, {{$.ECArg}}field)
				}), {{ $field.TypeReference.GQL.NonNull }})
			{{- else if eq (how $field) "leaf" }}
				{{- with write $field }}
					{{ . }}
				{{- else }}
					out.Value({{$.ECDot}}{{ $field.TypeReference.MarshalFunc }}(ctx, {{$.ECArg}}field.Selections, {{ value $field }}), {{ $field.TypeReference.GQL.NonNull }})
				{{- end }}
			{{- else if eq (how $field) "object" }}
				out.Value({{$.ECDot}}{{ $field.TypeReference.MarshalFunc }}(execution.Enter(ctx, {{ $object.Name | quote }}, field, {{ $field.IsMethod }}, false), {{$.ECArg}}field.Selections, {{ value $field }}), {{ $field.TypeReference.GQL.NonNull }})
			{{- else }}
				out.Value({{$.ECDot}}_{{$object.Name}}_{{$field.Name}}(ctx, {{$.ECArg}}field, obj), {{ $field.TypeReference.GQL.NonNull }})
			{{- end }}
		{{- end }}
		default:
			panic("unknown field " + strconv.Quote(field.Name))
		}
	}
	return out.End()
}`},

	{"field.gotpl", `{{- range $object := .Objects }}{{- range $field := $object.Fields }}
`, ``, `{{- range $object := .Objects }}{{- range $field := $object.Fields }}
{{- $how := how $field }}
{{- if or (eq $how "resolve") (eq $how "gqlgen") }}
`},
	{"field.gotpl", `{{- if $field.TypeReference.IsRoot }}
		fc, err`, ``, `{{- if eq $how "resolve" }}
		return execution.Resolve(ctx, ec.OperationContext, {{ $object.Name | quote }}, field, {{ $field.IsResolver }}, {{ $field.TypeReference.GQL.NonNull }},
			func(ctx context.Context) (any, error) {
				{{- template "fieldDefinition" $field }}
			},
			func(ctx context.Context, v {{ $field.TypeReference.GO | ref }}) graphql.Marshaler {
				return {{$.ECDot}}{{ $field.TypeReference.MarshalFunc }}(ctx, {{$.ECArg}}field.Selections, v)
			})
	{{- else if $field.TypeReference.IsRoot }}
		fc, err`},
	{"field.gotpl", `		Child: func (`, `
		},
	}`, `	}`}, // only interceptors would call it
	{"field.gotpl", `{{- if and $field.IsBatch (not $object.Root) }}`, ``, `{{- end }}
{{- if and $field.IsBatch (not $object.Root) }}`},
}

// editedTemplates returns gqlgen's templates with the edits.
func editedTemplates() (fs.FS, error) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/99designs/gqlgen")
	list.Stderr = os.Stderr
	dir, err := list.Output()
	if err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "codegen", "*.gotpl"))
	if err != nil {
		return nil, err
	}
	edited := fstest.MapFS{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		edited[filepath.Base(name)] = &fstest.MapFile{Data: text}
	}
	for _, e := range edits {
		file := edited[e.file]
		if file == nil {
			return nil, fmt.Errorf("gqlgen has no template %s", e.file)
		}
		text := string(file.Data)
		before, after, found := strings.Cut(text, e.from)
		if !found || strings.Contains(after, e.from) {
			return nil, fmt.Errorf("%s does not have this once: %s", e.file, e.from)
		}
		if e.through != "" {
			if _, after, found = strings.Cut(after, e.through); !found {
				return nil, fmt.Errorf("%s does not have this after the other: %s", e.file, e.through)
			}
		}
		file.Data = []byte(before + e.by + after)
	}
	return edited, nil
}
