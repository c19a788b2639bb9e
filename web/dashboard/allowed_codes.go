package dashboard

import (
	"slices"
	"strings"

	"paylink"
)

// allowedCodes is what a form says about the discount codes that a payment may use.
type allowedCodes struct {
	Which string // codesNone, codesAll or codesSome
	List  string // of codesSome, with blanks between them
}

const (
	codesNone = "none"
	codesAll  = "all"
	codesSome = "some"
)

func readCodes(get func(string) string) allowedCodes {
	return allowedCodes{get("codes"), get("code_list")}
}

// codesOf is the form as a link has it.
func codesOf(codes []string) allowedCodes {
	switch {
	case len(codes) == 0:
		return allowedCodes{Which: codesNone}
	case slices.Contains(codes, paylink.AllCodes):
		return allowedCodes{Which: codesAll}
	}
	return allowedCodes{codesSome, strings.Join(codes, " ")}
}

// codes are those that were chosen; nil for none. An empty text of its own is one that issue refuses.
func (f allowedCodes) codes() []string {
	switch f.Which {
	case codesAll:
		return []string{paylink.AllCodes}
	case codesSome:
		if list := strings.FieldsFunc(f.List, between); len(list) > 0 {
			return list
		}
		return []string{""}
	}
	return nil
}

// between are the characters between the members of a list as people type it.
func between(r rune) bool { return r == ',' || r == ';' || r == ' ' }

func (f allowedCodes) choices() []choice {
	return []choice{
		{codesNone, "None", f.Which != codesAll && f.Which != codesSome},
		{codesAll, "All of yours", f.Which == codesAll}, {codesSome, "Only these", f.Which == codesSome},
	}
}

// codesHelp names some of the codes that there are.
func codesHelp(known []string) string {
	if len(known) == 0 {
		return "What the customer may type for a lower price."
	}
	return "What the customer may type for a lower price. You have " + strings.Join(known, ", ") + "."
}

// returnHelp says where customers may be led back to.
func returnHelp(origins []string) string {
	const what = "Where the receipt leads back to. "
	if len(origins) == 0 {
		return what + "You have registered no origin of yours yet; live links need one."
	}
	return what + "It must begin with " + strings.Join(origins, " or ") + "."
}
