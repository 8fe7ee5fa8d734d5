; dialog.scm -- three times the same dialog: closed at once, OK, and OK with Cancel in the middle of the run.
(load (string-append tests "/say.scm"))
(define (dialog name image)
  (let ((layer (attempt (lambda () (dream-dialog image)))))
    (say-in name (and (number? layer) (> layer 0)) "layers" (count-layers image))))
(dialog "closed" (open-picture "photo.png"))
(dialog "taken" (open-picture "photo.png"))
(dialog "cancelled" (open-picture "large.png"))
