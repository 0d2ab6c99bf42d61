"""torchrun, also where PyTorch was built without libuv: Debian 13's asks for libuv's store all the
same and ends at once. This asks for the other store, which every PyTorch has."""

import functools

import torch.distributed as dist
from torch.distributed.elastic.rendezvous import c10d_rendezvous_backend, static_tcp_rendezvous

try:
    from torch.distributed.elastic.rendezvous import dynamic_rendezvous
except ImportError:
    dynamic_rendezvous = None


def without_libuv(store):
    """The same store, with use_libuv off where it knows that word."""
    if "use_libuv" not in (store.__init__.__doc__ or ""):
        return store
    return functools.partial(store, use_libuv=False)


if __name__ == "__main__":
    plain = without_libuv(dist.TCPStore)
    for module in (c10d_rendezvous_backend, static_tcp_rendezvous):
        module.TCPStore = plain
    if dynamic_rendezvous is not None:
        dist.TCPStore = plain
    from torch.distributed.run import main

    main()
