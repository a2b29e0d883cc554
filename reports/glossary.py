"""The words of the field and of this tool, each defined once in plain words (``/glossary``)."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A word and what it means. ``anchor`` is its place on the page: ``/glossary#scope-conflict``."""

    name: str
    meaning: str

    @property
    def anchor(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower().replace("&", "-and-")).strip("-")


# In the order of the alphabet; numbers first.
TERMS: tuple[Term, ...] = (
    Term(
        "28 CFR Part 23",
        "The federal rule for systems that hold criminal intelligence. Nothing of that kind "
        "belongs in this tool.",
    ),
    Term(
        "AAR/IP",
        "After-action report and improvement plan: what was learned from an event or exercise, "
        "and what will be done about it.",
    ),
    Term("Activation", "The time in which an EOC is stood up for an incident or a planned event."),
    Term("Active state", "The period of an activation. Its opposite is the steady state."),
    Term(
        "Agreement index",
        "How close the answers of the two sides are, 0 to 100. It is not the percentage of equal "
        "answers: two sides that answer at random get 60.",
    ),
    Term("All-crimes", "An approach that covers crime beyond terrorism."),
    Term("All-hazards", "Natural, technological and human-caused events alike."),
    Term(
        "Baseline Capabilities",
        "The standards for fusion centers that DHS and the Department of Justice issued in 2008.",
    ),
    Term(
        "COC/EC",
        "Critical operational capability and enabling capability: the yardsticks of the yearly "
        "federal assessment of fusion centers.",
    ),
    Term("CONOPS", "Concept of operations: who does what, and how, in broad strokes."),
    Term(
        "COOP",
        "Continuity of operations: how an organization goes on when its place, people or systems fail.",
    ),
    Term("COP", "Common operating picture: one shared view of what is happening."),
    Term(
        "Coverage",
        "The share of a domain's weight that has a joint score. Items that do not apply to either"
        " side do not count.",
    ),
    Term(
        "CPG-502",
        "Comprehensive Preparedness Guide 502 of 2010: considerations for coordination between "
        "fusion centers and EOCs. The checklist follows its themes.",
    ),
    Term("Critical item", "An item of weight 2. It counts double, and some levels ask for more of it."),
    Term(
        "CUI",
        "Controlled unclassified information: not classified, but protected by rules. It does not"
        " belong in notes here.",
    ),
    Term(
        "Cycle",
        "One round of one questionnaire, with a first and a last day, asked of certain pairs.",
    ),
    Term("DK", "Do not know. It is no zero: the report lists it as something to find out."),
    Term("Domain", "A section of the checklist that gets a score."),
    Term("EEI", "Essential elements of information: what decision makers need to know first."),
    Term("EMAP", "Emergency Management Accreditation Program."),
    Term("EOC", "Emergency operations center: where response to an incident is coordinated."),
    Term("EOP", "Emergency operations plan."),
    Term(
        "FLO",
        "Fusion liaison officer: a person outside the fusion center who links their agency with it.",
    ),
    Term("FOUO", "For official use only: an older mark for sensitive unclassified information."),
    Term(
        "Fusion center",
        "Two or more agencies that pool information and expertise to detect, prevent, investigate"
        " and respond to crime and terrorism.",
    ),
    Term(
        "Fusion process",
        "Six steps: planning and requirements, gathering, processing and collation, analysis and "
        "production, dissemination, and re-evaluation.",
    ),
    Term(
        "Gap",
        "The fusion center's score less the EOC's, on items that both rated. A plus sign means "
        "that the fusion center rates higher. It is something to talk about, not a fault.",
    ),
    Term(
        "Gate",
        "What a level asks for beside the index, so that one weak spot cannot hide behind a good average.",
    ),
    Term("HSDN", "The network of DHS for information up to Secret."),
    Term("HSEEP", "Homeland Security Exercise and Evaluation Program."),
    Term(
        "HSIN",
        "Homeland Security Information Network: the unclassified sharing network of DHS. HSIN-"
        "Intel is its intelligence community.",
    ),
    Term("I&A", "The Office of Intelligence and Analysis of DHS."),
    Term("I&W", "Indicators and warnings: signs that something may be about to happen."),
    Term(
        "ICC",
        "Intraclass correlation: another measure of how far two raters agree, shown from 20 items on.",
    ),
    Term("ICS/NIMS", "Incident Command System and National Incident Management System."),
    Term(
        "Joint score",
        "The score of an item or a domain for the pair. For an item that both rated it leans to "
        "the weaker side.",
    ),
    Term(
        "JRIC/RIC",
        "Joint regional, or regional, intelligence center: names that some fusion centers carry.",
    ),
    Term(
        "Kappa",
        "Weighted kappa: agreement beyond what chance alone would bring, shown from 20 items on.",
    ),
    Term("LES", "Law-enforcement sensitive. It does not belong in notes here."),
    Term(
        "Level",
        "Where the index stands in five steps, 0 Not established to 4 Sustained, after the gates.",
    ),
    Term("MOU/MOA", "Memorandum of understanding or of agreement."),
    Term(
        "NA",
        "Does not apply. It takes a reason, and the item leaves the score where both sides say so.",
    ),
    Term("National Network", "All designated fusion centers together."),
    Term(
        "OMB control number",
        "The approval under the Paperwork Reduction Act that a federal form shows.",
    ),
    Term("Pair", "One fusion center and one EOC."),
    Term("PII", "Personal information: what identifies a person. It does not belong in notes here."),
    Term("PMI", "Pair maturity index: the mean of the domain scores of a pair, 0 to 100."),
    Term("POETE", "Planning, organization, equipment, training and exercises."),
    Term("Portion mark", "A mark on each paragraph that says how it may be handled."),
    Term(
        "Primary or recognized center",
        "The primary fusion center is the one that a state's governor names as such; other "
        "designated centers are recognized.",
    ),
    Term("Revealed", "Both sides have submitted, and both can read the joint report."),
    Term("RFI", "Request for information."),
    Term("SAR", "Suspicious activity report."),
    Term("Scope conflict", "One side says that an item does not apply, the other does not say so."),
    Term("Shared item", "An item that is asked of both sides and that both have rated."),
    Term("Side", "One of the two centers of a pair: the fusion center or the EOC."),
    Term("SIN", "Standing information need: a lasting question that information is gathered for."),
    Term("SITREP", "Situation report."),
    Term("SLTT", "State, local, tribal and territorial."),
    Term("SOP", "Standard operating procedure."),
    Term("Steady state", "The time between incidents. Its opposite is the active state."),
    Term("Synthetic", "Made up for the demonstration; no answer comes from a real center."),
    Term(
        "Tear line",
        "The part of a document below a line that may be shared more widely than the rest.",
    ),
    Term(
        "THIRA/SPR",
        "Threat and hazard identification and risk assessment, and the stakeholder preparedness review.",
    ),
    Term("TLO", "Terrorism (or threat) liaison officer: another name for a fusion liaison officer."),
    Term("Top-two-box", "The share of answers 4 and 5 on a scale of 1 to 5."),
    Term("Validation", "A reviewer's check of the evidence behind an answer."),
)
