"""People, directory, cycles, responses, audit"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "centers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("fema_region", sa.Integer(), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("confidence", sa.String(length=2), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'fusion_center' AND level IN ('primary', 'recognized')) OR (kind = 'eoc' AND level IN ('state', 'territory', 'tribal', 'county', 'city', 'regional'))",
            name=op.f("ck_centers_level_of_kind"),
        ),
        sa.CheckConstraint(
            "kind IN ('fusion_center', 'eoc')", name=op.f("ck_centers_kind")
        ),
        sa.CheckConstraint(
            "fema_region BETWEEN 1 AND 10", name=op.f("ck_centers_fema_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centers")),
        sa.UniqueConstraint("code", name=op.f("uq_centers_code")),
    )
    with op.batch_alter_table("centers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_centers_state"), ["state"], unique=False)

    op.create_table(
        "cycles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("questionnaire_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_cycles_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycles")),
        sa.UniqueConstraint("code", name=op.f("uq_cycles_code")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('administrator', 'director', 'manager', 'staff', 'reviewer')",
            name=op.f("ck_people_role"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_people_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("public_id", name=op.f("uq_people_public_id")),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_audit_events_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_events_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_events_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fusion_center_id", sa.Integer(), nullable=False),
        sa.Column("eoc_id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "fusion_center_id <> eoc_id", name=op.f("ck_pairs_two_centers")
        ),
        sa.ForeignKeyConstraint(
            ["eoc_id"], ["centers.id"], name=op.f("fk_pairs_eoc_id")
        ),
        sa.ForeignKeyConstraint(
            ["fusion_center_id"], ["centers.id"], name=op.f("fk_pairs_fusion_center_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairs")),
        sa.UniqueConstraint(
            "fusion_center_id", "eoc_id", name=op.f("uq_pairs_fusion_center_id_eoc_id")
        ),
    )
    with op.batch_alter_table("pairs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pairs_eoc_id"), ["eoc_id"], unique=False)

    op.create_table(
        "person_centers",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["centers.id"], name=op.f("fk_person_centers_center_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_person_centers_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "center_id", name=op.f("pk_person_centers")
        ),
    )
    with op.batch_alter_table("person_centers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_person_centers_center_id"), ["center_id"], unique=False
        )

    op.create_table(
        "person_scopes",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "kind IN ('region', 'state')", name=op.f("ck_person_scopes_kind")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_person_scopes_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "kind", "value", name=op.f("pk_person_scopes")
        ),
    )
    op.create_table(
        "sign_ins",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_sign_ins_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_sign_ins")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_ins_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "cycle_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cycle_id", sa.Integer(), nullable=False),
        sa.Column("pair_id", sa.Integer(), nullable=False),
        sa.Column("fusion_center_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("eoc_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["cycle_id"], ["cycles.id"], name=op.f("fk_cycle_pairs_cycle_id")
        ),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["pairs.id"], name=op.f("fk_cycle_pairs_pair_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle_pairs")),
        sa.UniqueConstraint(
            "cycle_id", "pair_id", name=op.f("uq_cycle_pairs_cycle_id_pair_id")
        ),
    )
    with op.batch_alter_table("cycle_pairs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_cycle_pairs_pair_id"), ["pair_id"], unique=False
        )

    op.create_table(
        "responses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("cycle_pair_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("last_question", sa.String(length=40), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("signer_name", sa.String(length=200), nullable=True),
        sa.Column("signer_title", sa.String(length=200), nullable=True),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column("answers_hash", sa.String(length=64), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_by_id", sa.Integer(), nullable=True),
        sa.Column("reopen_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(status = 'draft' AND submitted_at IS NULL AND answers_hash IS NULL) OR (status <> 'draft' AND submitted_at IS NOT NULL AND answers_hash IS NOT NULL)",
            name=op.f("ck_responses_submitted_state"),
        ),
        sa.CheckConstraint(
            "(status = 'reopened') = (reopened_at IS NOT NULL)",
            name=op.f("ck_responses_reopened_state"),
        ),
        sa.CheckConstraint(
            "side IN ('fusion_center', 'eoc')", name=op.f("ck_responses_side")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'reopened')",
            name=op.f("ck_responses_status"),
        ),
        sa.CheckConstraint("edition >= 1", name=op.f("ck_responses_edition")),
        sa.CheckConstraint(
            "participants IS NULL OR participants BETWEEN 1 AND 999",
            name=op.f("ck_responses_participants"),
        ),
        sa.ForeignKeyConstraint(
            ["cycle_pair_id"],
            ["cycle_pairs.id"],
            name=op.f("fk_responses_cycle_pair_id"),
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by_id"], ["people.id"], name=op.f("fk_responses_reopened_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"],
            ["people.id"],
            name=op.f("fk_responses_submitted_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
        sa.UniqueConstraint(
            "cycle_pair_id",
            "side",
            "edition",
            name=op.f("uq_responses_cycle_pair_id_side_edition"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_responses_public_id")),
    )
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.create_index(
            "uq_responses_current",
            ["cycle_pair_id", "side"],
            unique=True,
            sqlite_where=sa.text("status <> 'reopened'"),
            postgresql_where=sa.text("status <> 'reopened'"),
        )

    op.create_table(
        "answers",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("option", sa.String(length=40), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_on_page", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "(status = 'answered' AND (number IS NOT NULL OR option IS NOT NULL OR text <> '')) OR (status <> 'answered' AND number IS NULL AND option IS NULL)",
            name=op.f("ck_answers_value_exactly_when_answered"),
        ),
        sa.CheckConstraint(
            "status IN ('answered', 'not_applicable', 'do_not_know', 'unanswered')",
            name=op.f("ck_answers_status"),
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["people.id"], name=op.f("fk_answers_changed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_answers_response_id")
        ),
        sa.PrimaryKeyConstraint(
            "response_id", "question", "part", name=op.f("pk_answers")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contributors",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_contributors_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_contributors_response_id")
        ),
        sa.PrimaryKeyConstraint(
            "response_id", "person_id", name=op.f("pk_contributors")
        ),
    )
    with op.batch_alter_table("contributors", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contributors_person_id"), ["person_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("contributors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contributors_person_id"))

    op.drop_table("contributors")
    op.drop_table("answers")
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_responses_current",
            sqlite_where=sa.text("status <> 'reopened'"),
            postgresql_where=sa.text("status <> 'reopened'"),
        )

    op.drop_table("responses")
    with op.batch_alter_table("cycle_pairs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cycle_pairs_pair_id"))

    op.drop_table("cycle_pairs")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ins_person_id"))

    op.drop_table("sign_ins")
    op.drop_table("person_scopes")
    with op.batch_alter_table("person_centers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_centers_center_id"))

    op.drop_table("person_centers")
    with op.batch_alter_table("pairs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pairs_eoc_id"))

    op.drop_table("pairs")
    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_events_person_id"))
        batch_op.drop_index(batch_op.f("ix_audit_events_at"))

    op.drop_table("audit_events")
    op.drop_table("people")
    op.drop_table("cycles")
    with op.batch_alter_table("centers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_centers_state"))

    op.drop_table("centers")
