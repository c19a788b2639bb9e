// Judges what paylink sends to push services, with code that is not ours.
//
//   node push.mjs decrypt   {body, private, auth}: a Web Push body as the browser reads it, by http_ece
//   node push.mjs verify    {token, key}: a JSON Web Token under a public key (JWK), by Node's crypto
//
// The input is JSON on stdin with binary in base64url; the output is the text, or the token's claims.
import { createECDH, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import ece from "http_ece";

const input = JSON.parse(readFileSync(0, "utf8"));

const verbs = {
  decrypt() {
    const privateKey = createECDH("prime256v1");
    privateKey.setPrivateKey(Buffer.from(input.private, "base64url"));
    return ece.decrypt(Buffer.from(input.body, "base64url"), { version: "aes128gcm", privateKey, authSecret: input.auth });
  },
  verify() {
    const [head, claims, signature, ...rest] = input.token.split(".");
    const { alg } = JSON.parse(Buffer.from(head, "base64url"));
    const key = createPublicKey({ key: input.key, format: "jwk" });
    if (rest.length || alg !== { ec: "ES256", rsa: "RS256" }[key.asymmetricKeyType]) throw new Error("not a token for this key");
    const how = { key, dsaEncoding: "ieee-p1363" };
    if (!verify("sha256", Buffer.from(`${head}.${claims}`), how, Buffer.from(signature, "base64url"))) throw new Error("a wrong signature");
    return Buffer.from(claims, "base64url");
  },
};

process.stdout.write(verbs[process.argv[2]]());
