; say.scm -- writes lines to the file "said" or to another file, and turns errors into values.
(define port (open-output-file "said"))
(define (say . parts)
  (for-each (lambda (part) (display part port) (display " " port)) parts)
  (newline port))
(define (say-in file . parts)
  (let ((before port))
    (set! port (open-output-file file))
    (apply say parts)
    (close-output-port port)
    (set! port before)))

; (attempt THUNK): the value of THUNK, or the text of its error.
(define (attempt thunk)
  (call/cc
    (lambda (leave)
      (let ((hook *error-hook*))
        (set! *error-hook* (lambda words (set! *error-hook* hook) (leave (if (pair? words) (car words) "an error"))))
        (let ((value (thunk)))
          (set! *error-hook* hook)
          value)))))
