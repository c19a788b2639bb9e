// Package pushtest has what adapters send to push services judged by code that is not ours: http_ece and
// Node's crypto, in story/contract.
//
// It is for the adapters' tests, which say what is right.
package pushtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Decrypt is what a browser reads in the body of a Web Push, by its subscription's private key and its
// authentication secret.
func Decrypt(t testing.TB, body, private, auth []byte) string {
	t.Helper()
	return judge(t, "decrypt", map[string]string{"body": encode(body), "private": encode(private), "auth": encode(auth)})
}

// Claims are those of a JSON Web Token that was signed with the other half of key, an *ecdsa.PublicKey or
// *rsa.PublicKey.
func Claims(t testing.TB, token string, key any) (claims map[string]any) {
	t.Helper()
	jwk := map[string]string{}
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		jwk = map[string]string{"kty": "EC", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:])}
	case *rsa.PublicKey:
		exponent := binary.BigEndian.AppendUint32(nil, uint32(key.E))
		jwk = map[string]string{"kty": "RSA", "n": encode(key.N.Bytes()), "e": encode(bytes.TrimLeft(exponent, "\x00"))}
	default:
		t.Fatalf("a key of the type %T", key)
	}
	if err := json.Unmarshal([]byte(judge(t, "verify", map[string]any{"token": token, "key": jwk})), &claims); err != nil {
		t.Fatalf("the claims: %v", err)
	}
	return claims
}

func judge(t testing.TB, verb string, input any) string {
	t.Helper()
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(treeRoot(t), "story", "contract", "push.mjs")
	c := exec.CommandContext(t.Context(), "node", script, verb)
	var said, complained bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(text), &said, &complained
	if err := c.Run(); err != nil {
		t.Fatalf("%s by Node, which needs npm ci in story/contract: %v\n%s", verb, err, &complained)
	}
	return said.String()
}

// treeRoot is the folder of our go.mod, above the test's own.
func treeRoot(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && bytes.HasPrefix(text, []byte("module paylink\n")) {
			return folder
		}
		above := filepath.Dir(folder)
		if above == folder {
			t.Fatal("the test runs outside the tree")
		}
		folder = above
	}
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
