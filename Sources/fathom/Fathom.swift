@main enum Fathom { static func main() {} }
