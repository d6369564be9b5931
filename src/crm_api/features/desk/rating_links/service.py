from uuid import UUID

from crm_api.features.desk.rating_policies.schemas import SCALES
from crm_api.features.desk.ratings.schemas import Answer, RatingAnswer, RatingRead, Said, check_open
from crm_api.features.desk.ratings.service import RatingService
from crm_api.kit.context import Context
from crm_api.kit.projection import Written

from . import rules
from .errors import UnknownLink
from .repository import RatingLinkRepository
from .schemas import Linked, RatingAsked


class RatingLinkService:
    """The links by which customers answer how satisfied they are."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.links = ctx, RatingLinkRepository(ctx)
        self.ratings = RatingService(ctx)

    async def make(self, rating: UUID) -> tuple[str, Written[RatingRead]]:
        """A new token, known to nobody but who asks now; older ones are good too.

        Raises NotLinked, AnsweredAlready, RatingExpiredAlready, NotAsked.
        """
        written = await self.ratings.link(rating)
        token = rules.new_token(self.ctx.tenant.id)
        self.links.add(rating, rules.digest(token))
        return token, written

    async def find(self, token: str) -> Linked:
        """What a token leads to. Raises UnknownLink."""
        found = await self.links.find(rules.digest(token))
        if found is None:
            raise UnknownLink
        return found

    def read(self, found: Linked) -> RatingAsked:
        """Raises AnsweredAlready, RatingExpiredAlready."""
        tenant = self.ctx.tenant
        check_open(vars(found), self.ctx.now)
        lowest, highest = SCALES[found.kind]
        return RatingAsked(
            object="rating_link",
            asked_by=tenant.name,
            languages=list(tenant.languages),
            lowest=lowest,
            highest=highest,
            number=found.number,
            subject=found.subject,
            kind=found.kind,
            expires_at=found.expires_at,
        )

    async def answer(self, found: Linked, data: RatingAnswer) -> None:
        """Raises AnsweredAlready, RatingExpiredAlready, OffTheScale."""
        said = Said(data.score, data.comment, Answer.link)
        await self.ratings.answer(found.id, found.ticket_id, said)
