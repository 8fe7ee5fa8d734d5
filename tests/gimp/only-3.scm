; only-3.scm -- arguments by name, of which rows.scm has the others.
(let ((image (open-picture "photo.png")))
  (same "named" image
    (attempt (lambda ()
      (car (plug-in-reverie-style #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (one image)
             #:painting "painting.png" #:exact TRUE #:threads 1 #:iterations 3 #:climb-from 0))))))
