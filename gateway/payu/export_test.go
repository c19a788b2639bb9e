package payu

// Vector signs an order, and what became of it, as the published examples do.
func Vector(key, txnid, amount, product, name, email string, udf [5]string, salt, status, charges string) (there, back string) {
	r := request{key, txnid, amount, product, name, email, udf}
	return r.hash(salt), r.back(salt, status, charges)
}
