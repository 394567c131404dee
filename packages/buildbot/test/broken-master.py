"""A port for workers that fails at every login in a way of its own, as a master does that is just ending."""

import sys

from twisted.cred import checkers, credentials, portal
from twisted.internet import defer, reactor
from twisted.spread import pb
from zope.interface import implementer


@implementer(checkers.ICredentialsChecker)
class Broken:
    credentialInterfaces = (credentials.IUsernamePassword, credentials.IUsernameHashedPassword)

    def requestAvatarId(self, _credentials: object) -> defer.Deferred[bytes]:
        print("a login", flush=True)
        return defer.fail(AttributeError("'NoneType' object has no attribute 'initLock'"))


# Nobody gets as far as to need a realm.
factory = pb.PBServerFactory(portal.Portal(None, [Broken()]))
reactor.listenTCP(int(sys.argv[1]), factory, interface="127.0.0.1")
reactor.run()
