package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (c *completionCommand) Help() string {
	return "bash: source <(paylink completion bash)\nzsh: source <(paylink completion zsh)\nfish: paylink completion fish | source"
}

// Run writes the completion from the command line itself, so that it knows every command and flag.
func (c *completionCommand) Run(k *kong.Context, t *Terminal) error {
	w := &words{after: map[string][]string{}, values: map[string][]string{}}
	w.read(k.Model.Node, "")
	w.after[" trigger"] = append(w.after[" trigger"], causable()...)
	script := w.bash()
	switch c.Shell {
	case "zsh":
		script = "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" + script
	case "fish":
		script = w.fish()
	}
	_, err := fmt.Fprint(t.Out, script)
	return err
}

// words are what may follow, by the commands that were written: " links list" → its flags. values are what
// may follow a flag, by commands and flag; an empty list is a value that only the caller knows.
type words struct{ after, values map[string][]string }

func (w *words) read(n *kong.Node, at string) {
	w.after[at] = nil
	for _, child := range n.Children {
		if !child.Hidden {
			w.after[at] = append(w.after[at], child.Name)
			w.read(child, at+" "+child.Name)
		}
	}
	for _, p := range n.Positional {
		w.after[at] = append(w.after[at], known(p)...)
	}
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		names := []string{"--" + f.Name}
		if f.Short != 0 {
			names = append(names, "-"+string(f.Short))
		}
		w.after[at] = append(w.after[at], names[0])
		for _, name := range names {
			if !f.IsBool() {
				w.values[at+" "+name] = known(f.Value)
			}
		}
	}
}

// known lists the values that a flag or argument takes; none when only the caller knows them.
func known(v *kong.Value) []string {
	return slices.DeleteFunc(v.EnumSlice(), func(s string) bool { return s == "" })
}

// cases writes the branches of a shell's case: one for each key.
func cases(of map[string][]string, branch string) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintf(&b, branch, key, strings.Join(of[key], " "))
	}
	return b.String()
}

func (w *words) bash() string {
	var paths []string
	for _, p := range slices.Sorted(maps.Keys(w.after)) {
		if p != "" {
			paths = append(paths, fmt.Sprintf("%q", p))
		}
	}
	return `_paylink() {
	local at="" word words="" i
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case "$at $word" in
		` + strings.Join(paths, "|") + `) at="$at $word" ;;
		esac
	done
	case "$at" in
` + cases(w.after, "\t%q) words=%q ;;\n") + `	esac
	case "$at ${COMP_WORDS[COMP_CWORD-1]}" in
` + cases(w.values, "\t%q) words=%q ;;\n") + `	esac
	COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _paylink paylink
`
}

func (w *words) fish() string {
	var paths []string
	for _, p := range slices.Sorted(maps.Keys(w.after)) {
		if p != "" {
			paths = append(paths, fmt.Sprintf("%q", p))
		}
	}
	return `function __paylink_words
	set -l at ""
	set -l last ""
	for word in (commandline -opc)[2..]
		set last $word
		if contains -- "$at $word" ` + strings.Join(paths, " ") + `
			set at "$at $word"
		end
	end
	set -l words
	switch "$at"
` + cases(w.after, "\tcase %q\n\t\tset words (string split ' ' -- %q)\n") + `	end
	switch "$at $last"
` + cases(w.values, "\tcase %q\n\t\tset words (string split -n ' ' -- %q)\n") + `	end
	if test (count $words) -eq 0
		__fish_complete_path (commandline -ct)
	else
		printf '%s\n' $words
	end
end
complete -c paylink -f -a '(__paylink_words)'
`
}
