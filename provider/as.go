package provider

// As gives an adapter as T, an interface that not every adapter has, also from within one that watches it: a
// watcher gives what it watches by a method Unwrap() any. One that watches more than every adapter has gives by
// a method Able() any what does those things, watched, for adapters that can.
func As[T any](adapter any) (T, bool) {
	if able, ok := adapter.(T); ok {
		return able, true
	}
	outer, ok := adapter.(interface{ Unwrap() any })
	if !ok {
		var none T
		return none, false
	}
	inner, ok := As[T](outer.Unwrap())
	if watcher, watches := adapter.(interface{ Able() any }); ok && watches {
		if watched, ok := watcher.Able().(T); ok {
			return watched, true
		}
	}
	return inner, ok
}
