"""Where a payee is paid, the orders, who approved them, and every payment in them."""

import datetime

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.math
import django.db.models.lookups
import enrollment.models.cover
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

TABLES = [
    migrations.CreateModel(
        name="PaymentAccount",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("household", models.ForeignKey(help_text="on whose file it was recorded", on_delete=django.db.models.deletion.PROTECT, related_name="payment_accounts", to="households.household")),
            ("member", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="households.member")),
            ("payee_idcs", models.CharField(max_length=10)),
            ("rib", models.CharField(max_length=24)),
            ("holder", models.CharField(help_text="as the bank writes it", max_length=120)),
            ("since", models.DateField()),
            ("until", models.DateField(default=datetime.date(9999, 12, 31), help_text="exclusive")),
            ("reason", models.TextField()),
            ("recorded_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("recorded_at", models.DateTimeField(auto_now_add=True)),
            ("closed_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("closed_reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "compte de versement",
            "verbose_name_plural": "comptes de versement",
            "ordering": ["payee_idcs", "-since", "-id"],
            "indexes": [
                models.Index(fields=["rib"], name="payment_account_rib"),
                models.Index(fields=["payee_idcs"], name="payment_account_payee"),
            ],
            "constraints": [
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[("payee_idcs", "="), (enrollment.models.cover.Period(models.F("since"), models.F("until")), "&&")],
                    name="payment_account_once",
                    violation_error_message="Cette personne a déjà un compte sur cette période.",
                ),
                models.CheckConstraint(condition=models.Q(("rib__regex", "^[0-9]{22}(0[1-9]|[1-8][0-9]|9[0-7])$")), name="payment_account_digits"),
                models.CheckConstraint(
                    condition=django.db.models.lookups.Exact(
                        django.db.models.functions.math.Mod(django.db.models.functions.comparison.Cast("rib", models.DecimalField(decimal_places=0, max_digits=24)), 97), 0
                    ),
                    name="payment_account_key",
                ),
                models.CheckConstraint(condition=models.Q(("since__lte", models.F("until"))), name="payment_account_forward"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentaccount",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_account_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                hash="10e107d8bde71547f4846ca32d6e13fdd245f406",
                operation="DELETE",
                pgid="pgtrigger_payment_account_keeps_rows_684e3",
                table="enrollment_paymentaccount",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentaccount",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_account_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'payment_account is kept: it cannot be truncated';",
                hash="fe703f5031ea5e2a65ea041787a30941ecf94990",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_payment_account_keeps_all_36668",
                table="enrollment_paymentaccount",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentaccount",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_account_is_closed_not_rewritten",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                condition="WHEN ((OLD.until <> DATE '9999-12-31' AND OLD.until <> NEW.until) OR ((OLD.household_id, OLD.payee_idcs, OLD.rib, OLD.holder, OLD.since, OLD.reason) IS DISTINCT FROM (NEW.household_id, NEW.payee_idcs, NEW.rib, NEW.holder, NEW.since, NEW.reason)))",
                func="RAISE EXCEPTION 'payment_account is closed and replaced, never rewritten';",
                hash="afedd063cefdaa6d865c6e99bd0892bd6a31884b",
                operation="UPDATE",
                pgid="pgtrigger_payment_account_is_closed_not_rewritten_99c67",
                table="enrollment_paymentaccount",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="PaymentOrder",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("month", models.DateField(help_text="the last month paid, its first day; earlier months that waited are paid too")),
            ("reissues_only", models.BooleanField(default=False, help_text="only payments rejected before, to be issued again")),
            (
                "status",
                models.CharField(
                    choices=[
                        ("draft", "préparé"),
                        ("in_approval", "approuvé une fois"),
                        ("approved", "approuvé"),
                        ("frozen", "figé"),
                        ("exported", "envoyé"),
                        ("closed", "clos"),
                        ("canceled", "annulé"),
                    ],
                    default="draft",
                    max_length=11,
                ),
            ),
            ("prepared_on", models.DateField()),
            ("prepared_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("prepared_at", models.DateTimeField(auto_now_add=True)),
            ("payments", models.IntegerField(default=0)),
            ("amount", models.BigIntegerField(default=0, help_text="centimes")),
            ("frozen_on", models.DateField(null=True)),
            ("frozen_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("frozen_at", models.DateTimeField(null=True)),
            ("digest", models.CharField(blank=True, help_text="SHA-256 of the frozen payments", max_length=64)),
            ("renewed", models.IntegerField(default=0, help_text="payments whose name or account had changed between preparing and freezing")),
            ("debtor", models.JSONField(default=dict, help_text="provision payment.debtor as it was when frozen")),
            ("file_limit", models.IntegerField(help_text="payments a file, when frozen", null=True)),
            ("batch_limit", models.IntegerField(help_text="payments a batch of a file, when frozen", null=True)),
            ("exported_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("exported_at", models.DateTimeField(null=True)),
            ("closed_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("closed_at", models.DateTimeField(null=True)),
            ("canceled_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("canceled_at", models.DateTimeField(null=True)),
            ("canceled_reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "ordre de versement",
            "verbose_name_plural": "ordres de versement",
            "ordering": ["-id"],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("month__day", 1)), name="payment_order_month_is_first_day"),
                models.CheckConstraint(condition=models.Q(("amount__gte", 0), ("payments__gte", 0)), name="payment_order_counts"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("status__in", ("frozen", "exported", "closed")), _negated=True),
                        models.Q(("batch_limit__gt", 0), ("digest__regex", "^[0-9a-f]{64}$"), ("file_limit__gt", 0), ("frozen_at__isnull", False), ("frozen_on__isnull", False)),
                        _connector="OR",
                    ),
                    name="payment_order_frozen_is_whole",
                ),
                models.CheckConstraint(
                    condition=models.Q(models.Q(("status", "canceled"), _negated=True), models.Q(("canceled_reason", ""), _negated=True), _connector="OR"), name="payment_order_canceled_says_why"
                ),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentorder",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_order_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                hash="bd08ea2e98a352a10e3286b3c33f038cadc59647",
                operation="DELETE",
                pgid="pgtrigger_payment_order_keeps_rows_b329b",
                table="enrollment_paymentorder",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentorder",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_order_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'payment_order is kept: it cannot be truncated';",
                hash="62b356405c2f22119a465614af1a62382c6c8cb9",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_payment_order_keeps_all_96fcf",
                table="enrollment_paymentorder",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentorder",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_order_moves",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                condition="WHEN (OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (('draft', 'in_approval'), ('draft', 'approved'), ('in_approval', 'approved'), ('approved', 'frozen'), ('frozen', 'exported'), ('exported', 'closed'), ('draft', 'canceled'), ('in_approval', 'canceled'), ('approved', 'canceled'), ('frozen', 'canceled')))",
                func="RAISE EXCEPTION 'payment_order cannot go from % to %', OLD.status, NEW.status;",
                hash="32e3ec803ae358720b5ec6abc0232fd249fa0971",
                operation="UPDATE",
                pgid="pgtrigger_payment_order_moves_316f8",
                table="enrollment_paymentorder",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="paymentorder",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_order_is_frozen",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                condition="WHEN (OLD.status IN ('frozen', 'exported', 'closed') AND ((OLD.month, OLD.reissues_only, OLD.payments, OLD.amount, OLD.digest, OLD.debtor, OLD.file_limit, OLD.batch_limit, OLD.frozen_on, OLD.frozen_at) IS DISTINCT FROM (NEW.month, NEW.reissues_only, NEW.payments, NEW.amount, NEW.digest, NEW.debtor, NEW.file_limit, NEW.batch_limit, NEW.frozen_on, NEW.frozen_at)))",
                func="RAISE EXCEPTION 'payment_order % is frozen', OLD.id;",
                hash="bd46a9ed3563faf99fe3c2d57f4373aaacbc96b5",
                operation="UPDATE",
                pgid="pgtrigger_payment_order_is_frozen_7d168",
                table="enrollment_paymentorder",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="OrderApproval",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="enrollment.paymentorder")),
            ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ("at", models.DateTimeField(auto_now_add=True)),
            ("payments", models.IntegerField()),
            ("amount", models.BigIntegerField(help_text="centimes")),
        ],
        options={
            "verbose_name": "approbation",
            "verbose_name_plural": "approbations",
            "ordering": ["order", "id"],
            "constraints": [
                models.UniqueConstraint(fields=("order", "by"), name="payment_order_approved_once_by_each"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="orderapproval",
        trigger=pgtrigger.compiler.Trigger(
            name="order_approval_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                hash="17eae93c44b6403cef8c65f5309e776dd798e950",
                operation="UPDATE OR DELETE",
                pgid="pgtrigger_order_approval_keeps_rows_d67cc",
                table="enrollment_orderapproval",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="orderapproval",
        trigger=pgtrigger.compiler.Trigger(
            name="order_approval_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'order_approval is append-only: it cannot be truncated';",
                hash="333d96fdbdd9f9250ec2722175ab44dbc954348a",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_order_approval_keeps_all_98081",
                table="enrollment_orderapproval",
                when="BEFORE",
            ),
        ),
    ),
    migrations.CreateModel(
        name="Payment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("order", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="enrollment.paymentorder")),
            ("position", models.IntegerField(help_text="in the order, from 1: transfers first")),
            ("allowance", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="enrollment.allowance")),
            ("placement_month", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="enrollment.placementmonth")),
            ("household", models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="households.household")),
            ("commune", models.ForeignKey(db_constraint=False, db_index=False, help_text="when prepared", on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rsu.commune")),
            ("month", models.DateField(help_text="the month owed, its first day")),
            ("amount", models.IntegerField(help_text="centimes")),
            ("payee_idcs", models.CharField(max_length=10)),
            ("payee_name_fr", models.CharField(max_length=121)),
            ("payee_name_ar", models.CharField(blank=True, max_length=121)),
            ("account", models.CharField(blank=True, help_text="RIB; empty: in cash at the agency", max_length=24)),
            ("end_to_end_id", models.CharField(help_text="what the agency answers with; says nothing about anybody", max_length=35)),
            (
                "status",
                models.CharField(
                    choices=[("ready", "prêt"), ("sent", "envoyé à l’organisme payeur"), ("paid", "payé"), ("rejected", "rejeté"), ("to_reissue", "à réémettre"), ("canceled", "annulé")],
                    default="ready",
                    max_length=10,
                ),
            ),
            ("reason_code", models.CharField(blank=True, help_text="why the agency rejected it", max_length=4)),
            ("answered_on", models.DateField(null=True)),
            ("paid_on", models.DateField(null=True)),
            ("previous", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="reissues", to="enrollment.payment")),
            ("reissue_reason", models.TextField(blank=True)),
        ],
        options={
            "verbose_name": "versement",
            "verbose_name_plural": "versements",
            "ordering": ["order", "position"],
            "indexes": [
                models.Index(fields=["order", "position"], name="payment_in_order"),
                models.Index(condition=models.Q(("household__isnull", False)), fields=["household", "id"], name="payment_of_household"),
                models.Index(condition=models.Q(("status__in", ["rejected", "to_reissue"])), fields=["id"], name="payment_to_mend"),
            ],
            "constraints": [
                models.UniqueConstraint(condition=models.Q(("status__in", ("ready", "sent", "paid", "rejected"))), fields=("allowance",), name="allowance_paid_once"),
                models.UniqueConstraint(condition=models.Q(("status__in", ("ready", "sent", "paid", "rejected"))), fields=("placement_month",), name="placement_month_paid_once"),
                models.UniqueConstraint(condition=models.Q(("status", "canceled"), _negated=True), fields=("previous",), name="payment_reissued_once"),
                models.UniqueConstraint(fields=("end_to_end_id",), name="payment_end_to_end_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("allowance__isnull", False), ("household__isnull", False), ("placement_month", None)),
                        models.Q(("allowance", None), ("household", None), ("placement_month__isnull", False)),
                        _connector="OR",
                    ),
                    name="payment_pays_one_thing",
                ),
                models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payment_positive"),
                models.CheckConstraint(condition=models.Q(models.Q(("payee_name_fr", ""), _negated=True), ("payee_idcs__regex", "^[0-9]{10}$")), name="payment_names_its_payee"),
                models.CheckConstraint(condition=models.Q(("account__regex", "^([0-9]{24})?$")), name="payment_account_or_cash"),
                models.CheckConstraint(condition=models.Q(("end_to_end_id__regex", "^[A-Z0-9-]{1,35}$")), name="payment_end_to_end_form"),
                models.CheckConstraint(condition=models.Q(("status", "paid"), ("paid_on", None), _connector="XOR"), name="payment_paid_on_a_day"),
                models.CheckConstraint(condition=models.Q(("status__in", ["rejected", "to_reissue"]), ("reason_code", ""), _connector="XOR"), name="payment_rejected_for_a_reason"),
            ],
        },
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="payment",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_keeps_rows",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                hash="1756428474f6961a80836304cea9b9a023b5b144",
                operation="DELETE",
                pgid="pgtrigger_payment_keeps_rows_fd566",
                table="enrollment_payment",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="payment",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_keeps_all",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="RAISE EXCEPTION 'payment is kept: it cannot be truncated';",
                hash="b05faf37cfe9802f741a7bafd7a888eb2e37cbf1",
                level="STATEMENT",
                operation="TRUNCATE",
                pgid="pgtrigger_payment_keeps_all_13df8",
                table="enrollment_payment",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="payment",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_enters_a_draft",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                func="\n                IF EXISTS (SELECT FROM (SELECT DISTINCT order_id FROM entered) e JOIN enrollment_paymentorder o ON o.id = e.order_id\n                           WHERE o.status <> 'draft') THEN\n                  RAISE EXCEPTION 'payment enters an order that is no draft';\n                END IF;\n                RETURN NULL;\n                ",
                hash="6e38fc728a4e5af564a2f66f63d30a0f70402662",
                level="STATEMENT",
                operation="INSERT",
                pgid="pgtrigger_payment_enters_a_draft_62f7d",
                referencing="REFERENCING NEW TABLE AS entered ",
                table="enrollment_payment",
                when="AFTER",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="payment",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_is_frozen",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                condition="WHEN ((OLD.order_id, OLD.position, OLD.allowance_id, OLD.placement_month_id, OLD.household_id, OLD.commune_id, OLD.month, OLD.amount, OLD.payee_idcs, OLD.payee_name_fr, OLD.payee_name_ar, OLD.account, OLD.end_to_end_id, OLD.previous_id) IS DISTINCT FROM (NEW.order_id, NEW.position, NEW.allowance_id, NEW.placement_month_id, NEW.household_id, NEW.commune_id, NEW.month, NEW.amount, NEW.payee_idcs, NEW.payee_name_fr, NEW.payee_name_ar, NEW.account, NEW.end_to_end_id, NEW.previous_id))",
                func="\n                IF (SELECT status FROM enrollment_paymentorder WHERE id = OLD.order_id) IN ('frozen', 'exported', 'closed') THEN\n                  RAISE EXCEPTION 'payment % is frozen', OLD.end_to_end_id;\n                END IF;\n                RETURN NEW;\n                ",
                hash="e38e2f66c982a66ece66787e2997abb00df142b9",
                operation="UPDATE",
                pgid="pgtrigger_payment_is_frozen_e5c9d",
                table="enrollment_payment",
                when="BEFORE",
            ),
        ),
    ),
    pgtrigger.migrations.AddTrigger(
        model_name="payment",
        trigger=pgtrigger.compiler.Trigger(
            name="payment_moves",
            sql=pgtrigger.compiler.UpsertTriggerSql(
                condition="WHEN (OLD.status <> NEW.status AND (OLD.status, NEW.status) NOT IN (('ready', 'sent'), ('ready', 'canceled'), ('sent', 'paid'), ('sent', 'rejected'), ('rejected', 'to_reissue'), ('rejected', 'paid'), ('paid', 'rejected')))",
                func="RAISE EXCEPTION 'payment cannot go from % to %', OLD.status, NEW.status;",
                hash="76b07610b11dd5be2d75cd158cd53c3db1e60896",
                operation="UPDATE",
                pgid="pgtrigger_payment_moves_c4380",
                table="enrollment_payment",
                when="BEFORE",
            ),
        ),
    ),
]
