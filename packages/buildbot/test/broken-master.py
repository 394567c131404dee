"""A port for workers that fails at every login in a way of its own, as a master does that is just ending."""

import sys
from typing import Any, cast

from twisted.cred import credentials, portal
from twisted.internet import defer
from twisted.internet import reactor as installed_reactor
from twisted.spread import pb


class Broken:
    credentialInterfaces = (credentials.IUsernamePassword, credentials.IUsernameHashedPassword)

    def requestAvatarId(self, _credentials: object) -> defer.Deferred[bytes]:
        print("a login", flush=True)
        return defer.fail(AttributeError("'NoneType' object has no attribute 'initLock'"))


# Nobody gets as far as to need a realm; Twisted's types do not know its own reactor.
no_realm: Any = None
broken: Any = Broken()
reactor = cast(Any, installed_reactor)
factory = cast(Any, pb).PBServerFactory(portal.Portal(no_realm, [broken]))
reactor.listenTCP(int(sys.argv[1]), factory, interface="127.0.0.1")
reactor.run()
