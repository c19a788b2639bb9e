package provider

// As gives an adapter as T, an interface that not every adapter has, also from within one that watches it:
// a watcher gives what it watches by a method Unwrap() any.
func As[T any](adapter any) (T, bool) {
	for {
		if able, ok := adapter.(T); ok {
			return able, true
		}
		outer, ok := adapter.(interface{ Unwrap() any })
		if !ok {
			var none T
			return none, false
		}
		adapter = outer.Unwrap()
	}
}
