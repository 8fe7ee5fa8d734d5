; dialog.scm -- opens the dialog three times. test-gimp.sh closes it, presses OK, and presses OK and then Cancel.
(load (string-append tests "/say.scm"))
(define (dialog name image)
  (let ((layer (attempt (lambda () (dream-dialog image)))))
    (say-in name (and (number? layer) (> layer 0)) "layers" (count-layers image))))
(dialog "closed" (open-picture "photo.png"))
(dialog "taken" (open-picture "photo.png"))
(dialog "cancelled" (open-picture "large.png"))
