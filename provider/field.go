package provider

// Field is one thing that an account with a provider needs, as data: pages ask for it, the API checks it
// and adapters find its value in [Account.Fields]. The field called "secret" is [Account.Secret].
type Field struct {
	Name     string // "account_sid"
	Label    string // "Account SID", as the provider's own pages call it
	Help     string // a sentence: where to find it; may be empty
	Example  string // may be empty
	Pattern  string // RE2, of the whole value; empty: any text
	Most     int    // characters; 0: 200
	Secret   bool   // sealed at rest and never shown again
	Required bool
	Options  []string // the only values; empty: any
}

// Secret is the name of the field that is [Account.Secret].
const Secret = "secret"
