"""What letters and pages say of a question."""

ASKED = "Une personne à rencontrer"
OVER = "Cette proposition n'attend plus de réponse"
LATE = "Le délai pour répondre est passé. Écrivez à l'association : elle peut vous le proposer de nouveau."
