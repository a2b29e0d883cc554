"""Erasing a person: what stands behind their number goes, the number and what centers answered stay."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from assessment.models.account_links import AccountInvitation, AccountLetter, AccountLink
from assessment.models.exports import Export
from assessment.models.identities import ProviderIdentity, ProviderJourney
from assessment.models.people import PersonCenter, PersonScope, SignIn
from assessment.models.tokens import AccessToken

# The column that names the person, of each table whose rows are about that one person and nobody else.
# An erased person's row stays, so ON DELETE CASCADE does not reach them: erasing deletes them by this list.
# A test compares it with every foreign key to people that cascades.
PERSONAL: tuple[InstrumentedAttribute[Any], ...] = (
    SignIn.person_id,
    PersonCenter.person_id,
    PersonScope.person_id,
    Export.person_id,
    AccountInvitation.person_id,
    AccountLink.person_id,
    AccountLetter.person_id,
    AccessToken.person_id,
    ProviderIdentity.person_id,
    ProviderJourney.person_id,
)
