"""A mail server for the tests: aiosmtpd with STARTTLS or implicit TLS, which demands a sign-in.

It prints its ports as one line of JSON, then each letter it takes as one line of JSON: {"from", "to", "data"}
(base64). Its faults are those of a real server: the local part of a recipient says what is answered.
"""
import asyncio
import base64
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

REFUSALS = {
    "gone": "550 5.1.1 <gone> User unknown in virtual mailbox table",
    "full": "552 5.2.2 Mailbox full",
    "grey": "450 4.7.1 Greylisted, see https://example.com/help/12345",
    "slow": "451 4.3.0 Try again later",
    "bare": "550 no such user here",
}


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = REFUSALS.get(address.split("@")[0])
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "spam":
            return "554 5.7.1 Message rejected as spam"
        if name == "lost":
            server.transport.abort()
            return "250 2.0.0 never heard"
        letter = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": base64.b64encode(envelope.original_content).decode(),
            "peer": session.peer[1],
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.auth_data else "",
        }
        print(json.dumps(letter), flush=True)
        if name == "last":
            asyncio.get_running_loop().call_later(0.02, server.transport.close)  # after it has answered
        return "250 2.0.0 Ok: queued"


def authenticate(server, session, envelope, mechanism, data):
    if data.login == b"payments@example.com" and data.password == b"right":
        return AuthResult(success=True, auth_data=data)
    return AuthResult(success=False, handled=False)


async def main(certificate, key):
    def context():
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.load_cert_chain(certificate, key)
        return c

    loop = asyncio.get_running_loop()
    ports = {}

    def smtp(**more):
        return lambda: SMTP(Handler(), hostname="mx.example.com", authenticator=authenticate, auth_required=True, **more)

    doors = {
        "starttls": (smtp(tls_context=context(), require_starttls=True), None),
        "implicit": (smtp(auth_require_tls=False), context()),
        "plain": (smtp(auth_require_tls=True), None),
    }
    servers = []
    for name, (factory, tls) in doors.items():
        server = await loop.create_server(factory, "127.0.0.1", 0, ssl=tls)
        servers.append(server)
        ports[name] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    # It ends with whoever started it.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main(sys.argv[1], sys.argv[2]))
