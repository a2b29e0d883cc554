"""What an event says in words. The trail holds numbers and codes; names are looked up when it is read."""

from __future__ import annotations

# After "who": what they did. {it} is the subject in words, {more} the detail.
PHRASES: dict[str, str] = {
    "signed in": "signed in",
    "signed out": "signed out",
    "signed out elsewhere": "signed out everywhere else",
    "sign-in failed": "tried to sign in as {it} and did not succeed",
    "password changed": "changed their password",
    "person added": "added {it}, {more}",
    "rights changed": "changed what {it} may do: {more}",
    "person erased": "erased {it}",
    "own data fetched": "fetched the file of their own data",
    "answers changed": "changed answers of {it}: {more}",
    "submitted": "submitted {it}, fingerprint {more}",
    "reopened": "reopened {it}",
    "answers imported": "imported answers into {it}: {more}",
    "answers exported": "exported the answers of {it}: {more}",
    "pair report viewed": "opened the report of {it} {more}",
    "pair items exported": "fetched the items of {it} as a file",
    "center report viewed": "opened the pairs of {it} at a glance, {more}",
    "survey results viewed": "opened the results of {it} ({more})",
    "pair shared by name": "let reviewers read {it} by name, {more}",
    "pair no longer shared by name": "no longer lets reviewers read {it} by name, {more}",
    "survey results shared": "let reviewers read the results of {it}",
    "survey results no longer shared": "no longer lets reviewers read the results of {it}",
    "cycle opened": "opened {it}, {more}",
    "cycle closed": "closed {it}",
    "cycle reopened": "reopened {it}, {more}",
    "cycle released": "released the aggregates of {it}",
    "cycle reduction begun": "began to remove the single answers of {it}",
    "cycle reduced": "removed the single answers of {it}; the aggregates stay. {more}",
    "centers imported": "imported centers: {more}",
    "pairs imported": "imported pairs: {more}",
    "center added": "added {it}",
    "center changed": "changed {it}: {more}",
    "center made active": "made {it} active",
    "center made inactive": "made {it} inactive",
    "pair added": "added the pair {it}",
    "pair made active": "made the pair {it} active",
    "pair made inactive": "made the pair {it} inactive",
    "survey planned": "began to set up {it}",
    "survey copied": "set up {it} as a copy {more}",
    "survey changed": "changed the set-up of {it}: {more}",
    "survey opened": "opened {it}: {more}",
    "results released": "released the results of {it}: {more}",
    "late answers kept": "kept late answers of {it} out of the released results: {more}",
    "comments reviewed": "decided which comments of {it} are shown: {more}",
    "partners imported": "imported partners of {it}: {more}",
    "partner added": "added a partner to {it}",
    "partner asked": "asked a partner of {it}",
    "partner not asked": "no longer asks a partner of {it}",
    "partners asked": "asked partners of {it}: {more}",
    "EOC managers asked": "asked EOC managers in {it}: {more}",
    "partner left out for good": "took a partner of {it} off the list for good",
    "invitations queued": "sent invitations of {it}: {more}",
    "reminders queued": "sent reminders of {it}: {more}",
    "open link made": "made an open link of {it}, {more}",
    "open link revoked": "revoked the open link of {it}",
    "personal links revoked": "revoked personal links of {it}: {more}",
    "message marked sent": "marked {it} as sent",
    "message queued again": "sent {it} once more",
    "message bounced": "marked {it} as returned",
    "export asked for": "asked for a file: {more}",
    "export fetched": "fetched a file: {more}",
    "network exported": "exported the network of {it}: {more}",
    "network viewed": "opened the network of {it}",
    "audit trail viewed": "opened the audit trail",
    "audit trail checked": "checked the audit trail: {more}",
    "audit trail exported": "exported the audit trail, {more}",
    "demonstration begun": "began to load the demonstration",
    "demonstration loaded": "loaded the demonstration: {more}",
}


def sentence(action: str, subject: str, detail: str) -> str:
    """``subject`` in words already. An action that has no phrase here is said as it is stored."""
    phrase = PHRASES.get(action)
    if phrase is None:
        return ", ".join(part for part in (f"{action}: {subject}", detail) if part)
    words = phrase.format(it=subject, more=detail)
    return words.rstrip(" :,") if not detail else words
