"""Quotas of keys and tenants, shared by all processes and counted by each for itself.

A process takes a slice of a quota from the database and serves it without asking: a slice is
twice what it used of the last one, and at most a quarter of what is left. So the processes
together never serve more than the quota, and a request costs no statement.
"""

from time import monotonic
from uuid import UUID, uuid5

from crm_api.kit.actor import Actor
from crm_api.kit.errors import RateLimited
from crm_api.kit.metrics import Metrics
from crm_api.kit.pool import Pool
from crm_api.kit.throttle import Quota, Standing

from .repository import ask
from .rules import KEY, TENANT, Lease, refusal

FEW = 1000
Header = tuple[bytes, bytes]


class LeasingThrottle:
    """`key` and `tenant` are the quotas of those to whom the operator gave no other."""

    def __init__(self, pool: Pool, key: Quota, tenant: Quota, metrics: Metrics) -> None:
        self.pool, self.key, self.tenant, self.metrics = pool, key, tenant, metrics
        self._leases: dict[UUID, Lease] = {}
        self._quotas: dict[int | None, tuple[Quota, Quota]] = {None: (key, tenant)}
        self._policies: dict[int | None, bytes] = {None: _policies(key, tenant)}
        self._dry: set[UUID] = set()
        self._forget_at = FEW

    async def take(self, actor: Actor, told: list[Header]) -> None:
        key, tenant = self._leases_of(actor)
        now, lacking = monotonic(), None
        if key.ready(now) and tenant.ready(now):
            key.left -= 1
            tenant.left -= 1
        else:
            lacking, now = await self._ask(key, tenant), monotonic()
        self._tell(actor, (key, tenant), now, told)
        if lacking is not None:
            raise self._refusal(lacking, now)

    async def spend(self, actor: Actor, quota: Quota) -> None:
        whose = uuid5(actor.user_id or actor.id, quota.policy)
        lease = self._lease(actor.tenant.id, whose, quota)
        if not await self._serve(lease):
            self._dry.discard(whose)
            raise self._refusal(lease, monotonic())

    def refuse(self, actor: Actor, told: list[Header]) -> None:
        if not self._dry:
            return
        leases, now = self._leases_of(actor), monotonic()
        for lease in leases:
            if lease.is_dry(now):
                self._tell(actor, leases, now, told)
                raise self._refusal(lease, now)
            self._dry.discard(lease.subject_id)

    def _tell(
        self, actor: Actor, leases: tuple[Lease, Lease], now: float, told: list[Header]
    ) -> None:
        left = (*leases[0].told(now), *leases[1].told(now))
        told.append((b"ratelimit-policy", self._policies[actor.tenant.rate_limit]))
        told.append((b"ratelimit", b'"key";r=%d;t=%d, "tenant";r=%d;t=%d' % left))

    def standings(self, actor: Actor) -> list[Standing]:
        now = monotonic()
        return [lease.standing(now) for lease in self._leases_of(actor)]

    async def _ask(self, key: Lease, tenant: Lease) -> Lease | None:
        """One request of both; or the lease that has none."""
        if not await self._serve(key):
            return key
        span = key.span
        if not await self._serve(tenant):
            key.left += key.span == span
            return tenant
        return None

    async def _serve(self, lease: Lease) -> bool:
        """One request of a lease; those that come while it is asked for wait for the answer."""
        if lease.must_ask(monotonic()):
            async with lease.lock:
                now = monotonic()
                if lease.must_ask(now):
                    lease.renew(await ask(self.pool, lease), now)
                    self.metrics.leases += 1
                    if not lease.granted:
                        self._dry.add(lease.subject_id)
        if lease.left <= 0:
            return False
        lease.left -= 1
        return True

    def _leases_of(self, actor: Actor) -> tuple[Lease, Lease]:
        tenant, limit = actor.tenant.id, actor.tenant.rate_limit
        if limit not in self._quotas:
            self._quotas[limit] = self._settled(limit)
            self._policies[limit] = _policies(*self._quotas[limit])
        key, whole = self._quotas[limit]
        return self._lease(tenant, actor.id, key), self._lease(tenant, tenant, whole)

    def _settled(self, limit: int | None) -> tuple[Quota, Quota]:
        """A tenant with a limit of its own: its keys have the same share of it as elsewhere."""
        if limit is None:
            return self.key, self.tenant
        of_key = max(1, limit * self.key.most // self.tenant.most)
        window = self.tenant.window
        return Quota(KEY, min(of_key, limit), window), Quota(TENANT, limit, window)

    def _lease(self, tenant: UUID, subject: UUID, quota: Quota) -> Lease:
        lease = self._leases.get(subject)
        if lease is None or lease.quota is not quota:
            self._forget()
            lease = self._leases[subject] = Lease(tenant, subject, quota)
        return lease

    def _forget(self) -> None:
        """What nobody used in this window; now and then, when there are many."""
        if len(self._leases) >= self._forget_at:
            now = monotonic()
            kept = {id: of for id, of in self._leases.items() if of.ends > now or of.lock.locked()}
            self._leases, self._forget_at = kept, 2 * len(kept) + FEW
            self._dry &= kept.keys()

    def _refusal(self, lease: Lease, now: float) -> RateLimited:
        standing = lease.standing(now)
        self.metrics.refused(standing.policy)
        return RateLimited(refusal(lease.quota), standing.policy, seconds=standing.reset)


def _policies(*quotas: Quota) -> bytes:
    return ", ".join(f'"{q.policy}";q={q.most};w={q.window}' for q in quotas).encode()
