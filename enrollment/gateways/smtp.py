"""E-mail through Django's own settings; a message that a server took is sent, and no server says whether it was read."""

import smtplib

from django.core.mail import EmailMessage

from . import Later, Letter, Refused, Sent


class Smtp:
    recognizes_doubles = False

    def send(self, letter: Letter) -> Sent:
        mark = f"<{letter.key}@rsu>"
        mail = EmailMessage(subject=letter.subject, body=letter.body, to=[letter.address], headers={"Message-ID": mark})
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as refusal:
            codes = [code for code, _words in refusal.recipients.values()]
            raise Refused(str(codes)) if all(code >= 500 for code in codes) else Later(str(codes)) from refusal
        except (smtplib.SMTPConnectError, ConnectionRefusedError) as away:
            raise Later(str(away)) from away
        return Sent(external_id=mark)
