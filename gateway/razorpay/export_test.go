package razorpay

// Sign is the signature under test: the vectors cover what no exported call computes alone.
var Sign = sign
