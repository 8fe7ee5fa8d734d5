; only-3.scm -- paints with named arguments of GIMP 3.0. rows.scm has all other arguments.
(let ((image (open-picture "photo.png")))
  (same "named" image
    (attempt (lambda ()
      (car (plug-in-reverie-style #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (one image)
             #:painting "painting.png" #:exact TRUE #:threads 1 #:iterations 3 #:climb-from 0))))))
